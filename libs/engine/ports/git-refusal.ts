/** Something about a repository or a candidate that a person has to mend: one sentence why, and what to do. */
export class GitRefusal extends Error {
  constructor(
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${reason} ${remedy}`);
    this.name = 'GitRefusal';
  }
}
