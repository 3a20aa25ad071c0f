import type { AttemptJobs } from '#store/queries/job-reader.js';

/** The page between the job dashboard and the work: attempts with their plan, their task and their jobs. */
export function jobPage(attempts: readonly AttemptJobs[]): string {
  const sections = attempts.map(({ plan, task, attempt, status, jobs }) => {
    const reference = `${plan.number}.${task.number}`;
    const links = jobs.map(({ queue, stage, jobId }) => {
      const href = `/jobs/queue/${queue}/${encodeURIComponent(jobId)}`;
      return `<li><a href="${href}">${stage}</a> <code>${escape(jobId)}</code></li>`;
    });
    return `<h2>Attempt ${attempt}: ${escape(status)}</h2>
<p>Plan <a href="/api/plans/${plan.number}">${plan.number} ${escape(plan.name)}</a>,
task <a href="/api/plan-tasks/${reference}">${reference} ${escape(task.title)}</a>,
<a href="/jobs/of/${reference}">all attempts</a></p>
<ul>${links.join('')}</ul>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Planwright jobs</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}</style>
<p><a href="/jobs">Queues</a>. Finished jobs leave their queue after a while.</p>
${sections.join('\n')}</html>
`;
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
