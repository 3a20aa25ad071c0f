import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createOrigin } from '../git-repositories.js';
import { faultsOfBranch } from '../history-branch.js';
import { faultsOfChain, readEvents } from '../history-chain.js';
import { faultsOfEnd } from '../history-end.js';
import { faultsOfJournal, parseJournal } from '../history-journal.js';
import { breaches } from '../plan-invariants.js';
import { readSnapshot } from '../plan-snapshot.js';
import type { Faults } from './faults.js';
import { Person } from './person.js';
import { planFileOf, SHARED_FILE } from './plan.js';
import type { Fault, Scenario, Whim } from './scenario.js';
import type { ChaosStack } from './stack.js';

/** What of a plan's row is looked at often. */
export interface PlanRow {
  readonly id: string;
  readonly status: string;
  readonly eventSeq: number;
  readonly eventHash: string;
}

const ENDED = ['completed', 'cancelled'];
/** A plan in which something happened is looked at soon, any other one now and then. */
const SOON_MS = 200;
const NOW_AND_THEN_MS = 1_500;
const BASE_FILES = { 'README.md': '# Chaos\n', 'src/base.js': 'export const base = 0;\n', [SHARED_FILE]: '' };

const isWhim = (act: Fault | Whim): act is Whim =>
  ['pause', 'pause-now', 'cancel', 'signal', 'skip'].includes(act.kind);

/** One plan from its creation to its end, with what happens to it on the way. */
export class ChaosRun {
  readonly problems = new Set<string>();
  /** Kinds of faults that were injected. */
  readonly injected: string[] = [];
  /** The longest time from a fault to the plan's next event. */
  recoveryMs = 0;
  over = false;
  status = 'unknown';
  tookMs = 0;
  private readonly started = performance.now();
  private progressed = this.started;
  private looked = { at: 0, eventSeq: -1 };
  private eventSeq = 0;
  private next = 0;
  private hurtAt: number | null = null;
  private busy = false;
  private readonly person: Person;

  private constructor(
    readonly scenario: Scenario,
    private readonly stack: ChaosStack,
    private readonly faults: Faults,
    private readonly plan: { readonly id: string; readonly branch: string; readonly repositoryId: string },
    private readonly places: { readonly origin: string; readonly journal: string; readonly log: string },
  ) {
    this.person = new Person(
      () => stack,
      scenario.seed,
      (line) => this.note(line),
    );
  }

  get planId(): string {
    return this.plan.id;
  }

  /** Creates the plan; nothing goes wrong yet. */
  static async create(scenario: Scenario, stack: ChaosStack, faults: Faults): Promise<ChaosRun> {
    const at = (name: string) => path.join(stack.folder, `${name}-${scenario.seed}`);
    const places = { origin: at('origin'), journal: at('journal'), log: at('log') };
    await createOrigin(places.origin, BASE_FILES);
    await writeFile(places.journal, '');
    const file = planFileOf(scenario.plan, `Chaos ${scenario.seed}`, places.journal);
    const response = await fetch(`${stack.url}/api/plans`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ repository: places.origin, plan: file }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`seed ${scenario.seed}: the plan was refused: ${text}`);
    const view = JSON.parse(text) as { id: string; branch: string; repository: { id: string } };
    const plan = { id: view.id, branch: view.branch, repositoryId: view.repository.id };
    await writeFile(at('scenario'), JSON.stringify(scenario, null, 2));
    return new ChaosRun(scenario, stack, faults, plan, places);
  }

  /** Looks at the plan and does what is due; never waits for it. */
  step(row: PlanRow, patienceMs: number): void {
    const now = performance.now();
    if (row.eventSeq !== this.eventSeq) {
      this.eventSeq = row.eventSeq;
      this.progressed = now;
      if (this.hurtAt !== null) this.recoveryMs = Math.max(this.recoveryMs, now - this.hurtAt);
      this.hurtAt = null;
    }
    this.status = row.status;
    if (this.busy || this.over) return;
    this.doDue(now);
    if (ENDED.includes(row.status)) this.end(now);
    else if (now - this.progressed > patienceMs) {
      this.problems.add(`nothing has happened for ${Math.round(patienceMs / 1_000)} s: ${row.status}`);
      this.end(now);
    } else if (this.isDueForALook(now)) {
      this.looked = { at: now, eventSeq: row.eventSeq };
      this.occupy(() => this.look());
    }
  }

  /** Judges the whole history, once nothing goes wrong any more. */
  async judge(): Promise<void> {
    const { sql, home } = this.stack;
    const { id, repositoryId } = this.plan;
    const [row] = await sql.rows<PlanRow>(
      `SELECT id, status, event_seq AS "eventSeq", event_hash AS "eventHash" FROM plans WHERE id = $1`,
      [id],
    );
    if (row === undefined) throw new Error(`plan ${id} is gone`);
    const [state, events] = await Promise.all([readSnapshot(sql, id), readEvents(sql, id)]);
    const [{ count } = { count: -1 }] = await sql.rows<{ count: number }>(
      'SELECT count(*)::int AS count FROM outbox WHERE plan_id = $1',
      [id],
    );
    const keys = this.scenario.plan.phases.flatMap(({ tasks }) => tasks);
    const found = [
      ...breaches(state),
      ...faultsOfChain(id, row, events),
      ...faultsOfEnd(state, events),
      ...faultsOfJournal(parseJournal(await readFile(this.places.journal, 'utf8')), state),
      ...(await faultsOfBranch({
        state,
        events,
        hub: path.join(home.hubs, `${repositoryId}.git`),
        origin: this.places.origin,
        logOf: (task) => (keys[task - 1]?.kind === 'change' ? `log/${keys[task - 1]?.key}.txt` : null),
      })),
      ...(count === 0 ? [] : [`the outbox still holds ${count} effects`]),
      ...this.person.complaints,
    ];
    for (const problem of found) this.problems.add(problem);
    if (this.problems.size > 0) await this.keep({ state, events });
  }

  private isDueForALook(now: number): boolean {
    const ago = now - this.looked.at;
    return ago > (this.eventSeq === this.looked.eventSeq ? NOW_AND_THEN_MS : SOON_MS);
  }

  private end(now: number): void {
    this.over = true;
    this.tookMs = now - this.started;
  }

  private doDue(now: number): void {
    for (;;) {
      const step = this.scenario.steps[this.next];
      if (step === undefined || step.after > this.eventSeq) return;
      this.next += 1;
      this.note(`after event ${this.eventSeq}: ${JSON.stringify(step.act)}`);
      const { act } = step;
      if (isWhim(act)) {
        this.occupy(async () => this.person.act(act, await readSnapshot(this.stack.sql, this.planId)));
        return;
      }
      this.injected.push(act.kind);
      this.hurtAt ??= now;
      const target = { planId: this.planId, ...this.plan };
      this.faults.inject(act, target).catch((error: Error) => this.note(`${act.kind}: ${error.message}`));
    }
  }

  private async look(): Promise<void> {
    const state = await readSnapshot(this.stack.sql, this.planId);
    for (const breach of breaches(state)) this.problems.add(`on the way: ${breach}`);
    await this.person.tend(state);
  }

  /** The database may be away: then there is another look soon. */
  private occupy(work: () => Promise<void>): void {
    this.busy = true;
    work()
      .catch((error: Error) => this.note(`a look failed: ${error.message}`))
      .finally(() => (this.busy = false));
  }

  private note(line: string): void {
    const time = Math.round(performance.now() - this.started);
    void appendFile(this.places.log, `${time} ms, ${this.eventSeq} events: ${line}\n`);
  }

  private async keep(found: object): Promise<void> {
    const file = path.join(this.stack.folder, `history-${this.scenario.seed}.json`);
    await writeFile(file, JSON.stringify({ problems: [...this.problems], ...found }, null, 2));
  }
}
