/** Somebody else was first: the caller stops quietly and has changed nothing. */
export class Fenced extends Error {
  constructor(what: string) {
    super(`fenced: ${what}`);
    this.name = 'Fenced';
  }
}
