import { z } from 'zod';
import { answerSchema, failsWith, type Answer } from './answer.js';
import type { ApiRequest } from './request.js';

const conditionSchema = z.strictObject({
  /** Found in the system prompt: that is how roles differ. */
  system: z.string().optional(),
  /** Found in the first message. */
  first: z.string().optional(),
  /** Found in the last message, results of tools included. */
  last: z.string().optional(),
  model: z.string().optional(),
  /** The name of a tool that is offered. */
  tool: z.string().optional(),
  /** Answers in the conversation so far. */
  turn: z.number().int().min(0).optional(),
  /** The number of the call since the server started: 0 is the first. */
  nth: z.number().int().min(0).optional(),
});

const ruleSchema = z
  .strictObject({
    when: conditionSchema.default({}),
    /** Always this. */
    answer: answerSchema.optional(),
    /** By the number of answers in the conversation: a call that is sent again is answered the same. */
    turns: z.array(answerSchema).min(1).optional(),
    /** One after the other, as the rule is met; then the rule is met no more. */
    answers: z.array(answerSchema).min(1).optional(),
  })
  .refine(
    ({ answer, turns, answers }) => [answer, turns, answers].filter((one) => one !== undefined).length === 1,
    'says one of answer, turns and answers',
  );

export const rulesSchema = z.strictObject({ rules: z.array(ruleSchema) });

/** A script as data: the first rule that is met answers. */
export type Rules = z.input<typeof rulesSchema>;
type Rule = z.output<typeof ruleSchema>;

/** Decides an answer; `nth` counts the calls from 0. */
export type AnswerFunction = (request: ApiRequest, nth: number) => Answer | Promise<Answer>;

/** A function, answers one after the other, or rules. */
export type Script = AnswerFunction | readonly Answer[] | Rules;

/** Makes a script a function. Where it has no answer the call is refused with what was asked. @throws ZodError */
export function compileScript(script: Script): AnswerFunction {
  if (typeof script === 'function') return script;
  if (isList(script)) return (request, nth) => script[nth] ?? noAnswer(request, nth);
  const rules = rulesSchema.parse(script).rules.map(compileRule);
  return (request, nth) => {
    for (const rule of rules) {
      const answer = rule(request, nth);
      if (answer !== undefined) return answer;
    }
    return noAnswer(request, nth);
  };
}

const isList = (script: readonly Answer[] | Rules): script is readonly Answer[] => Array.isArray(script);

function compileRule(rule: Rule): (request: ApiRequest, nth: number) => Answer | undefined {
  let met = 0;
  return (request, nth) => {
    if (!meets(rule.when, request, nth)) return undefined;
    if (rule.answers !== undefined) return rule.answers[met++];
    return rule.turns === undefined ? rule.answer : rule.turns[request.turn];
  };
}

function meets(when: Rule['when'], request: ApiRequest, nth: number): boolean {
  const holds = (text: string, part: string | undefined) => part === undefined || text.includes(part);
  return (
    holds(request.system, when.system) &&
    holds(request.first, when.first) &&
    holds(request.last, when.last) &&
    (when.model ?? request.body.model) === request.body.model &&
    (when.tool === undefined || (request.body.tools ?? []).some(({ name }) => name === when.tool)) &&
    (when.turn ?? request.turn) === request.turn &&
    (when.nth ?? nth) === nth
  );
}

/** A refusal that is not tried again: a test sees at once what its script lacks. */
function noAnswer(request: ApiRequest, nth: number): Answer {
  const asked = request.last.slice(0, 300);
  return failsWith(400, `The script has no answer for call ${nth} (turn ${request.turn}): ${asked}`);
}
