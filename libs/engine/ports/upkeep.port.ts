/** `hubs`: those that lie on this machine. `mirrors`: what this process keeps of hubs for itself. */
export type Stored = 'hubs' | 'mirrors';

/** In how many pieces a repository is stored. */
export interface Clutter {
  readonly where: Stored;
  readonly repositoryId: string;
  /** Objects in files of their own; a good guess. */
  readonly loose: number;
  readonly packs: number;
  /** Since something was stored last, by the file system's clock. */
  readonly idleMs: number;
}

/** Care for what git stores for us. */
export interface UpkeepGit {
  clutter(where: Stored): Promise<readonly Clutter[]>;
  /**
   * Puts what is loose and what is in small packs into few packs, beside pushes, fetches and readers. No object is
   * removed, whether anything leads to it or not; only what killed processes left half-written for more than a day.
   *
   * @returns false where another process is at it
   */
  repack(of: Pick<Clutter, 'where' | 'repositoryId'>): Promise<boolean>;
}
