/** Why the migrations of a database could not be run. */
export type MigrationErrorCode =
  | 'database_newer'
  | 'migration_edited'
  | 'migration_failed_before'
  | 'migration_failed'
  | 'migration_unknown'
  | 'down_missing';

/** A refusal of the migration runner; nothing was changed by the migration it names. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';

  constructor(
    readonly code: MigrationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
