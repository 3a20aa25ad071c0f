import { mayMatch } from '../text-gate.js';

/**
 * What a file calls, and what its functions take, as it is written: tells without the parser whether a regex of ast-grep
 * can match any of it. False is certain.
 */
export interface WrittenParts {
  mayCall(regex: string): boolean;
  mayTake(regex: string): boolean;
}

const MAX_LENGTH = 300;
/** Types, comments and templates, and letters that the two syntaxes of regexes see differently. */
const UNCLEAR = /[</`\n]|[^\0-\x7f]/;
const PATTERNS = new Map<string, RegExp>();
/** Some name what a file imports. */
const MAX_PATTERNS = 1_000;

/** Collects them while a file is read. */
export class WrittenPartsBuilder implements WrittenParts {
  private readonly clear = new Set<string>();
  private readonly unclear = new Set<string>();
  private readonly heads: string[] = [];
  private tooLong = false;
  private joined: { readonly clear: string; readonly unclear: string; readonly heads: string } | null = null;

  /** @param callee without the arguments */
  calls(callee: string): void {
    if (callee.length > MAX_LENGTH) this.tooLong = true;
    else (UNCLEAR.test(callee) ? this.unclear : this.clear).add(callee);
  }

  /** @param head of a function, before its body */
  takes(head: string): void {
    this.heads.push(head);
  }

  mayCall(regex: string): boolean {
    const { clear, unclear } = this.all();
    return this.tooLong || mayMatch(unclear, regex) || perLine(regex).test(clear);
  }

  mayTake(regex: string): boolean {
    return mayMatch(this.all().heads, regex);
  }

  private all() {
    this.joined ??= {
      clear: [...this.clear].join('\n'),
      unclear: [...this.unclear].join('\n'),
      heads: this.heads.join('\n'),
    };
    return this.joined;
  }
}

function perLine(regex: string): RegExp {
  let pattern = PATTERNS.get(regex);
  if (pattern === undefined) {
    const plain = regex.replaceAll('(?i:', '(?:').replace('(?i)', '');
    if (PATTERNS.size >= MAX_PATTERNS) PATTERNS.clear();
    PATTERNS.set(regex, (pattern = new RegExp(plain, plain === regex ? 'm' : 'im')));
  }
  return pattern;
}
