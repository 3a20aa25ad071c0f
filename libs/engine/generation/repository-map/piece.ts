/** Sections of a map, in the order in which they are shown. */
export const MAP_SECTIONS = [
  'overview',
  'instructions',
  'scripts',
  'readme',
  'routes',
  'patterns',
  'symbols',
  'files',
] as const;
export type MapSection = (typeof MAP_SECTIONS)[number];

/** The least that a map is made of: it is in it whole, or not at all. */
export interface Piece {
  readonly section: MapSection;
  /** Smaller is more valuable. */
  readonly rank: number;
  /** Lines, without one at the end. */
  readonly text: string;
}

/** Ranks of what every plan needs first, down to what is worth having where there is room. */
export const RANK = {
  overview: 0,
  instructions: 10,
  scripts: 20,
  folders: 30,
  readme: 40,
  pattern: 50,
  route: 60,
  near: 70,
  symbols: 80,
  files: 90,
  more: 100,
} as const;
