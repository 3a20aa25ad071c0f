/** Events after which nothing goes on by itself, or nothing is left to do: somebody should know, also at night. */
export const NOTICE_EVENTS = [
  'plan.paused',
  'plan.failed',
  'plan.completed',
  'plan.cancelled',
  'plan.generated',
  'generation.failed',
  'phase.awaiting_approval',
  'task.awaiting_approval',
  'task.awaiting_review',
  'task.awaiting_claim',
  'task.question_asked',
  'delivery.failed',
  'delivery.opened',
] as const;

/** What is told of a plan: one of the events above, or that the origin refused its branch. */
export type NoticeEvent = (typeof NOTICE_EVENTS)[number] | 'plan.publish_refused';

type Payload = Readonly<Record<string, unknown>>;

/** A person is told, with how things stand then. */
export interface NotifyEffect {
  readonly kind: 'notify';
  readonly event: NoticeEvent;
  readonly payload: Payload;
}

/** The notices of a decision: one of a kind, however many tasks ask at once. */
export function noticesOf(
  events: readonly { readonly type: string; readonly payload: Payload }[],
): NotifyEffect[] {
  return NOTICE_EVENTS.flatMap((event) => {
    const first = events.find(({ type }) => type === event);
    return first === undefined ? [] : [{ kind: 'notify', event, payload: first.payload } as const];
  });
}
