import { Inject } from '@nestjs/common';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { References } from '../references.js';
import { OWNER_ID } from '../tokens.js';

/** What every controller has that gives commands: their dependencies, who acts, and what a request names. */
export abstract class CommandController {
  protected readonly deps: Runtime['deps'];

  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(References) protected readonly references: References,
    @Inject(OWNER_ID) protected readonly actorId: string,
  ) {
    this.deps = runtime.deps;
  }
}
