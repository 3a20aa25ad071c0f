/** What the scripted API looks at in a request; everything else is kept in `body`. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly is_error?: boolean;
  readonly content?: string | readonly ContentBlock[];
  readonly cache_control?: unknown;
}

export interface RequestMessage {
  readonly role: string;
  readonly content: string | readonly ContentBlock[];
}

export interface RequestBody {
  readonly model: string;
  readonly max_tokens?: number;
  readonly stream?: boolean;
  readonly system?: string | readonly ContentBlock[];
  readonly messages: readonly RequestMessage[];
  readonly tools?: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
  readonly output_config?: {
    readonly effort?: string | null;
    readonly format?: { readonly type: string; readonly schema: Readonly<Record<string, unknown>> } | null;
  };
}

/** One request as it came. */
export interface RecordedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: RequestBody;
}

/** A request with the questions that scripts ask of it. */
export interface ApiRequest extends RecordedRequest {
  /** The key it came with, by either header that the API takes. */
  readonly key: string | null;
  readonly system: string;
  /** Text of the first message: for an agent, its task. */
  readonly first: string;
  /** Text of the last message, results of tools included. */
  readonly last: string;
  /** Answers in the conversation so far: 0 in its first call. It does not change when a call is sent again. */
  readonly turn: number;
}

/** Reads a request for a script. */
export function asApiRequest(request: RecordedRequest): ApiRequest {
  const { messages, system = '' } = request.body;
  const textOf = (message: RequestMessage | undefined) =>
    message === undefined ? '' : textOfContent(message.content);
  return {
    ...request,
    key: keyOf(request),
    system: textOfContent(system),
    first: textOf(messages[0]),
    last: textOf(messages.at(-1)),
    turn: messages.filter(({ role }) => role === 'assistant').length,
  };
}

/** `authorization: Bearer …` or `x-api-key: …`; null: neither. */
export function keyOf({ headers }: Pick<RecordedRequest, 'headers'>): string | null {
  const key = headers['x-api-key'] ?? /^Bearer (.+)$/i.exec(String(headers['authorization'] ?? ''))?.[1];
  return typeof key === 'string' && key !== '' ? key : null;
}

/** All text of a content, that of tool results included. */
export function textOfContent(content: string | readonly ContentBlock[]): string {
  if (typeof content === 'string') return content;
  return content
    .map((block) => (block.content === undefined ? (block.text ?? '') : textOfContent(block.content)))
    .join('\n');
}

/** The blocks of a content; a string is one of text. */
export function blocksOf(content: string | readonly ContentBlock[]): readonly ContentBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}
