import { MAP_SECTIONS, type Piece } from './piece.js';

/** A guess to begin with; what fits is decided by counting. */
const CHARACTERS_PER_TOKEN = 3.2;
const MAX_COUNTS = 6;
/** A map that fills this much of its budget is not tried any larger. */
const GOOD_FILL = 0.85;
const CAUTION = 0.97;

export interface Fitted {
  readonly text: string;
  /** As counted. */
  readonly tokens: number;
  /** Pieces that had no room. */
  readonly left: number;
}

/**
 * The most valuable pieces that fit a budget, in the order of their sections. Equal inputs give equal maps.
 *
 * @param count tokens of a text, as the provider counts them: nothing that it did not count within the budget is returned
 */
export async function fitPieces(
  pieces: readonly Piece[],
  budget: number,
  count: (text: string) => Promise<number>,
): Promise<Fitted> {
  const sorted = pieces
    .map((piece, at) => ({ piece, at }))
    .sort((a, b) => a.piece.rank - b.piece.rank || a.at - b.at)
    .map(({ piece }) => piece);
  let best: Fitted = { text: '', tokens: 0, left: sorted.length };
  let ratio = CHARACTERS_PER_TOKEN;
  let atMost = sorted.length;
  for (let counts = 0; counts < MAX_COUNTS; counts += 1) {
    const taken = Math.min(atMost, roomFor(sorted, budget * ratio));
    if (taken === 0 || taken <= sorted.length - best.left) break;
    const text = renderMap(sorted.slice(0, taken));
    const tokens = await count(text);
    if (tokens <= budget) best = { text, tokens, left: sorted.length - taken };
    else atMost = taken - 1;
    if (best.left === 0 || best.tokens >= GOOD_FILL * budget) break;
    ratio = (text.length / tokens) * CAUTION;
  }
  return best;
}

/** How many of the pieces have that many characters together. */
function roomFor(pieces: readonly Piece[], characters: number): number {
  let used = 0;
  for (const [at, { text }] of pieces.entries()) {
    used += text.length + 1;
    if (used > characters) return at;
  }
  return pieces.length;
}

/** Pieces below the names of their sections. */
function renderMap(pieces: readonly Piece[]): string {
  return MAP_SECTIONS.flatMap((section) => {
    const own = pieces.filter((piece) => piece.section === section);
    return own.length === 0 ? [] : [`# ${section}`, ...own.map(({ text }) => text), ''];
  }).join('\n');
}
