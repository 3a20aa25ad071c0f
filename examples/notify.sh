#!/bin/sh
# An example for PLANWRIGHT_NOTIFY: one line per notice, for a person, appended to a file. Send $line wherever you read it.
#   PLANWRIGHT_NOTIFY="$PWD/examples/notify.sh $HOME/planwright-notices.txt" npm start
set -eu
file=${1:?the file to append to is missing}

line=$(node -e '
  const notice = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const { plan, tasks, phases, commands } = notice;
  const words = [`${notice.event} #${notice.id}: plan ${plan.number} "${plan.name}" is ${plan.status}`];
  if (plan.reason) words.push(`because of ${plan.reason}`);
  if (plan.note) words.push(plan.note);
  if (notice.event === "plan.publish_refused") words.push(plan.publishError);
  for (const { task, title, status, summary, message } of tasks)
    words.push(`${task} "${title}" ${status}${summary ?? message ? `: ${summary ?? message}` : ""}`);
  for (const { name } of phases) words.push(`phase "${name}" waits for its approval`);
  process.stdout.write(`${words.join(" | ")} -> ${commands.join("; ")}`.replace(/\s+/g, " "));
')
printf '%s\n' "$line" >> "$file"
