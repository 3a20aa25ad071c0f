import type { ModelBlock, ModelMessage } from '#engine/ports/llm.port.js';
import { Conversation, resumed } from './conversation.js';

const text = (role: 'user' | 'assistant', said: string): ModelMessage => ({
  role,
  content: [{ type: 'text', text: said }],
});
const use = (id: string, name = 'read_file'): ModelBlock => ({ type: 'tool_use', id, name, input: {} });
const result = (toolUseId: string, content: string): ModelBlock => ({
  type: 'tool_result',
  toolUseId,
  content,
  isError: false,
});

describe('trimming', () => {
  const long = 'x'.repeat(1_000);
  const turns = (count: number) =>
    Array.from({ length: count }, (_, n): ModelMessage[] => [
      { role: 'assistant', content: [use(`u${n}`)] },
      { role: 'user', content: [result(`u${n}`, long)] },
    ]).flat();

  it('cuts the older half of the results, again and again, and never the newest or the task', () => {
    const conversation = new Conversation([text('user', long), ...turns(10)]);
    const whole = () =>
      conversation.messages.filter(({ content }) =>
        content.some((block) => block.type === 'tool_result' && block.content === long),
      ).length;
    expect(whole()).toBe(10);
    const left: number[] = [];
    while (conversation.trim()) left.push(whole());
    expect(left).toEqual([6, 4, 3]);
    expect(conversation.messages[0]).toEqual(text('user', long));
    expect(conversation.messages.at(-1)?.content).toEqual([result('u9', long)]);
  });
});

describe('going on', () => {
  it('gives the answer as the result of the question, before the note, in one message', () => {
    const stored: ModelMessage[] = [
      text('user', 'task'),
      { role: 'assistant', content: [use('a'), use('b', 'ask_person')] },
      { role: 'user', content: [result('a', 'done')] },
    ];
    const { messages, added } = resumed(stored, 'Yes', 'go on');
    expect(messages).toHaveLength(3);
    expect(messages[2]?.content).toEqual([
      result('a', 'done'),
      result('b', 'A person answers: Yes'),
      { type: 'text', text: 'go on' },
    ]);
    expect(added.content).toHaveLength(2);
  });

  it('says of what was not done that it was interrupted', () => {
    const { messages } = resumed(
      [text('user', 'task'), { role: 'assistant', content: [use('a')] }],
      null,
      'go on',
    );
    expect(messages.at(-1)?.content[0]).toMatchObject({ toolUseId: 'a', isError: true });
  });

  it('adds to the last word of the user where nothing was open, and passes notes over', () => {
    const stored = [text('user', 'task'), { role: 'note' as const, content: [] }];
    expect(resumed(stored, null, 'go on').messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'task' },
          { type: 'text', text: 'go on' },
        ],
      },
    ]);
  });
});
