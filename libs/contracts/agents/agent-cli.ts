/**
 * How the command line of a coding agent is spoken: data, one entry for each. What an entry leaves out, that command
 * line cannot do (or its documentation does not say how), and a plan that asks for it is refused.
 */

/** Every agent that a plan can name. */
export const AGENT_NAMES = [
  'claude',
  'codex',
  'gemini',
  'opencode',
  'aider',
  'copilot',
  'cursor',
  'goose',
  'amp',
  'qwen',
  'crush',
  'kiro',
  'droid',
  'cline',
  'continue',
  'own',
] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** How hard a model is to think. */
export const AGENT_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type AgentEffort = (typeof AGENT_EFFORTS)[number];

/**
 * Arguments as they are given, with `{model}`, `{effort}`, `{tools}`, `{session}`, `{settings}`, `{prompt}`, `{file}` and
 * `{home}` filled in.
 */
export type Arguments = readonly string[];

/** Where the text of a task goes. A prompt by `argument` that is too long for one is put into a file that is named. */
export type PromptPlace =
  | { readonly by: 'stdin'; readonly args: Arguments }
  | { readonly by: 'argument'; readonly args: Arguments }
  | { readonly by: 'file'; readonly args: Arguments };

export interface ToolList {
  readonly args: Arguments;
  /** Between names in one argument; null: the arguments are repeated for each name. */
  readonly separator: string | null;
}

/** An event of the output: every path has the value. */
export type EventMatch = Readonly<Record<string, string | boolean>>;

/** Where something stands in the events: a path, such as `usage.input_tokens` or `message.content.*.text`. */
export interface EventField {
  readonly in: EventMatch;
  readonly path: string;
  /** The `last` that is found (default), the `sum` of numbers, or all texts `joined` one after another. */
  readonly take?: 'last' | 'sum' | 'joined';
}

/** Where something stands in plain text: the group `value` of a regular expression; `1.2k` is 1200. */
export interface TextField {
  readonly pattern: string;
  readonly take?: 'last' | 'sum';
}

export const TOKEN_CLASSES = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

export type CountedField = TokenClass | 'costUsd';
export type NamedField = 'message' | 'session' | 'model';

export interface TextOutput {
  readonly format: 'text';
  readonly counts: { readonly [K in CountedField]?: TextField };
}

/** An event that says that the run failed. */
export interface EventFailure {
  readonly match: EventMatch;
  /** What one of the reasons must look like, where the event alone does not say it. */
  readonly pattern?: string;
  /** Where the reason stands: the first of these paths that has one. */
  readonly reason: readonly string[];
}

export interface EventOutput {
  /** `json`: one value; of an array, each element is an event. `jsonl`: each line is one; other lines are skipped. */
  readonly format: 'json' | 'jsonl';
  /** One that is there whenever a run came to its end. */
  readonly end: EventMatch;
  /** Those that say that the run failed, whatever the exit code. */
  readonly failures: readonly EventFailure[];
  readonly names: { readonly [K in NamedField]?: EventField };
  /** Several fields are added up. */
  readonly counts: { readonly [K in CountedField]?: EventField | readonly EventField[] };
  /** Tokens read from a cache are part of the input as well. */
  readonly inputIncludesCache?: boolean;
}

/** A variable that holds a secret, and the hosts that it is for. */
export interface Credential {
  readonly name: string;
  readonly hosts: readonly string[];
}

/** A text by which it says that a quota is used up; the group `reset` says when it is there again. */
export interface QuotaText {
  readonly pattern: string;
}

export interface ExitMeaning {
  readonly failure: 'agent_failed' | 'limit_exceeded' | 'infrastructure';
  readonly means: string;
}

export interface AgentCli {
  readonly name: AgentName;
  readonly title: string;
  /** The documentation that the entry follows. */
  readonly docs: readonly string[];
  /** Found in the folders of the worker's PATH; null: the plan names the command. */
  readonly program: string | null;
  /** What comes first: a subcommand. */
  readonly start: Arguments;
  /** Makes a run unattended and its output readable. */
  readonly args: Arguments;
  /** Lets it use its tools without asking; left out where a plan lists the tools that it may use. */
  readonly approve: Arguments;
  readonly prompt: PromptPlace;
  readonly model?: { readonly args: Arguments; readonly example: string };
  readonly effort?: { readonly args: Arguments; readonly levels: readonly AgentEffort[] };
  readonly tools?: { readonly allow?: ToolList; readonly deny?: ToolList };
  /** `service`: a session can go on anywhere. `home`: it is kept in a folder that each attempt has anew. */
  readonly resume?: {
    readonly kept: 'service' | 'home';
    /** In the place of `start`. */
    readonly start: Arguments;
    readonly args: Arguments;
    /** For `home`: where one session is kept there, with the workspace's path as `{folder}`, its signs as dashes. */
    readonly file?: string;
  };
  /** Settings by which it starts a command before it writes and before it ends, in the words of Claude Code. */
  readonly hooks?: { readonly args: Arguments };
  readonly output: TextOutput | EventOutput;
  /** Other codes than 0 that it gives a meaning; all others are a failed attempt. */
  readonly exits: Readonly<Record<number, ExitMeaning>>;
  readonly quota: readonly QuotaText[];
  /** One of them, or a file of `logins`, is needed. Empty: none is. */
  readonly credentials: readonly Credential[];
  /** Variables that hold an address at which it finds its model instead. */
  readonly baseUrls: readonly string[];
  /** Further variables that are handed on where they are set. */
  readonly settings: readonly string[];
  /** Variables that it is always given. */
  readonly environment: Readonly<Record<string, string>>;
  /** Hosts that it must reach in any case: a name, `*.name`, or a name with a port. */
  readonly hosts: readonly string[];
  /** Files of its own home folder by which it is logged in. */
  readonly logins: readonly string[];
  /** What it leaves at the root of the workspace: names or `*.suffix` or `prefix*`, removed unless they were there. */
  readonly litter: readonly string[];
}
