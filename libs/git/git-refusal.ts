/** Something a person has to mend: one sentence why, and what to do about it. */
export class GitRefusal extends Error {
  constructor(
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${reason} ${remedy}`);
    this.name = 'GitRefusal';
  }
}
