import type { PlanView, TaskView } from '#contracts/api/plans.js';

type Strength = NonNullable<TaskView['strength']>;

const SHOWN = 10;

/** For each task that was measured: how much of its change its rules would notice, and where they would not. */
export function renderStrength(plan: PlanView): string[] {
  return plan.phases
    .flatMap((phase) => phase.tasks)
    .flatMap(({ number, strength }) => {
      if (strength === null) return [];
      const { unguarded } = strength;
      const places = unguarded.slice(0, SHOWN).map((place) => `  unguarded: ${placeOf(place)}`);
      const more = unguarded.length > SHOWN ? [`  and ${unguarded.length - SHOWN} more`] : [];
      return [`Spec of ${plan.number}.${number}: ${strengthInWords(strength)}`, ...places, ...more];
    });
}

/** `7 of 9 hunks guarded` */
function strengthInWords({ hunks, guarded, undecided, unmeasured, checks }: Strength): string {
  const notes = [
    undecided > 0 ? `${undecided} could not be decided` : '',
    unmeasured > 0 ? `${unmeasured} not measured in time` : '',
    checks > 0 ? 'by its rules alone: its checks were not run' : '',
  ].filter((note) => note !== '');
  return [`${guarded} of ${hunks} ${hunks === 1 ? 'hunk' : 'hunks'} guarded`, ...notes].join('; ');
}

function placeOf({ file, firstLine, lastLine }: Strength['unguarded'][number]): string {
  if (firstLine === 0) return file;
  return firstLine === lastLine ? `${file}:${firstLine}` : `${file}:${firstLine}-${lastLine}`;
}
