import type { AttemptInput } from '#engine/ports/agent.port.js';
import type { AgentSession } from '#engine/ports/agent-session.port.js';
import type { Effort, ModelAnswer, ModelBlock, ModelMessage } from '#engine/ports/llm.port.js';
import { goOnPart, taskParts, type Allowance } from '../prompts/task-parts.js';
import { Conversation, resumed, toolUses } from './conversation.js';
import type { PaidCalls } from './paid-calls.js';
import { LimitReached, NoAnswer } from './session-errors.js';
import type { Shown } from './shown.js';
import { SYSTEM_PROMPT } from './system-prompt.js';
import { wrong, type SessionEnd, type Tool, type ToolAnswer } from './tools/tool.js';

/** Everything that a session may do is decided here, before the model has read anything. */
export interface SessionTerms {
  readonly model: string;
  readonly effort: Effort | null;
  readonly calls: PaidCalls;
  readonly tools: readonly Tool[];
  readonly session: AgentSession;
  readonly input: AttemptInput;
  readonly allowance: Allowance & { readonly turns: number };
  readonly redact: (text: string) => string;
  readonly shown: Shown;
  readonly signal: AbortSignal;
}

type ToolUse = Extract<ModelBlock, { type: 'tool_use' }>;

/** What the model is given next, or how the session ends; both where results are kept for when it is gone on with. */
interface Reply {
  readonly message: ModelMessage | null;
  readonly end: SessionEnd | null;
}

const MAX_RESULT = 100_000;
const SHOWN_RESULT = 300;
/** Answers in a row that say and do nothing that can be gone on with. */
const IDLE_ANSWERS = 3;

const GO_ON =
  'Go on: use the tools, and call finish with a summary when you are done. If there is nothing more to do, call finish now.';
const CUT_OFF = 'Your answer was cut off at its limit of length. Go on in smaller steps.';

/** Lets the model work until it says that it is over. @throws what `PaidCalls.call` throws, LimitReached, NoAnswer */
export async function runSession(terms: SessionTerms): Promise<SessionEnd> {
  const { session, calls, shown } = terms;
  const { turns } = terms.allowance;
  const conversation = await begin(terms);
  const say = async (message: ModelMessage, usage: ModelAnswer['usage'] | null) => {
    conversation.add(message);
    await session.say(message, usage);
  };
  let idle = 0;
  for (let turn = 1; turn <= turns; turn += 1) {
    const answer = await calls.call(callOf(terms), conversation);
    shown.flush();
    if (answer.content.length > 0) await say({ role: 'assistant', content: answer.content }, answer.usage);
    const uses = toolUses(answer);
    idle = uses.length === 0 || answer.stop === 'length' ? idle + 1 : 0;
    const { message, end } =
      uses.length === 0 ? withoutTools(answer, idle) : await withTools(terms, answer, uses);
    if (message !== null) await say(message, null);
    if (end !== null) return end;
    if (idle >= IDLE_ANSWERS) throw new NoAnswer(`the model gave ${idle} answers in a row that led nowhere`);
  }
  throw new LimitReached(`its limit of ${turns} turns`);
}

async function begin({ session, input, allowance }: SessionTerms): Promise<Conversation> {
  const { parked } = session;
  if (parked !== null) {
    const { messages, added } = resumed(parked.messages, parked.answer, goOnPart(parked));
    await session.say(added, null);
    return new Conversation(messages);
  }
  const first: ModelMessage = {
    role: 'user',
    content: [{ type: 'text', text: taskParts({ input, session, allowance }).join('\n\n') }],
  };
  await session.say(first, null);
  return new Conversation([first]);
}

function callOf({ model, effort, tools, shown, signal }: SessionTerms) {
  return {
    model,
    effort,
    system: SYSTEM_PROMPT,
    tools: tools.map(({ definition }) => definition),
    outputSchema: null,
    signal,
    onText: (text: string) => shown.add(text),
    onRestart: (reason: string) => shown.add(`\n(The answer broke off and begins again: ${reason})\n`),
  };
}

function withoutTools({ stop, content }: ModelAnswer, idle: number): Reply {
  const text = content
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n')
    .trim();
  if (stop === 'refusal')
    throw new NoAnswer(
      `the model refuses to work on this task${text === '' ? '' : `: ${text.slice(0, 500)}`}`,
    );
  if (stop === 'length') return { message: userSays(CUT_OFF), end: null };
  if (text === '') throw new NoAnswer('the model gave an empty answer');
  // Whoever was told how to finish, and only talks, has nothing more to do.
  if (idle > 1) return { message: null, end: { kind: 'finished', summary: text } };
  return { message: userSays(GO_ON), end: null };
}

function userSays(text: string): ModelMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** One after the other: no two tools change the workspace at once. Nothing is done after what ends the session. */
async function withTools(terms: SessionTerms, answer: ModelAnswer, uses: readonly ToolUse[]): Promise<Reply> {
  if (answer.stop === 'refusal') throw new NoAnswer('the model refuses to work on this task');
  const results: ModelBlock[] = [];
  let end: SessionEnd | null = null;
  for (const use of uses) {
    terms.signal.throwIfAborted();
    const given = await answerOf(terms, answer, use, end);
    if (given.kind === 'end') {
      ({ end } = given);
      // The answer to a question is its result.
      if (end.kind !== 'asked') results.push(resultBlock(use, 'The session ends.', false));
    } else results.push(resultBlock(use, wrapped(terms, use, given.text), given.isError));
  }
  return { message: results.length === 0 ? null : { role: 'user', content: results }, end };
}

async function answerOf(
  { tools, shown, signal }: SessionTerms,
  { stop }: ModelAnswer,
  { name, input }: ToolUse,
  end: SessionEnd | null,
): Promise<ToolAnswer> {
  if (stop === 'length') return wrong(CUT_OFF);
  if (end !== null) return wrong('Not done: what you used before it ends the session.');
  const tool = tools.find(({ definition }) => definition.name === name);
  if (tool === undefined) return wrong(`There is no tool ${name}.`);
  shown.add(`\n> ${tool.describe(input)}\n`);
  const answer = await tool.run(input, signal, (text) => shown.add(text));
  if (answer.kind === 'result') shown.add(`${answer.shown ?? headOf(answer.text)}\n`);
  shown.flush();
  return answer;
}

/** Says what it is, without secrets, and no more than a model can read. */
function wrapped({ redact }: SessionTerms, { name }: ToolUse, text: string): string {
  const clean = redact(text);
  const more = clean.length > MAX_RESULT ? `\n(${clean.length - MAX_RESULT} more characters)` : '';
  return `[data from ${name}]\n${clean.slice(0, MAX_RESULT)}${more}`;
}

function resultBlock({ id }: ToolUse, content: string, isError: boolean): ModelBlock {
  return { type: 'tool_result', toolUseId: id, content, isError };
}

function headOf(text: string): string {
  const head = text.split('\n').slice(0, 3).join('\n').slice(0, SHOWN_RESULT);
  return head.length < text.length ? `${head} …` : head;
}
