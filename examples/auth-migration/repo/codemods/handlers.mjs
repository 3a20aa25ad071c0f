/** The step that every group of routes takes: from the session cookie to a bearer token with a scope. */
import { edit, fail } from './toolkit.mjs';

/** A call of the old guard, with the check of the role around it where there is one. */
const LEGACY_CALL = /requireRole\(legacyAuth\(req\), '\w+'\)|legacyAuth\(req\)/g;

/** Rewrites the calls of the old guard in the functions named; `scopes` says what each function asks for. */
export function switchHandlers(path, scopes) {
  edit(path, (file) => {
    for (const [name, scope] of Object.entries(scopes)) {
      file.inFunction(name, (text) => text.replace(LEGACY_CALL, `authenticate(req, '${scope}')`));
      file.inFunction(name, (text) =>
        text.includes('authenticate(') ? text : fail(`${path}: ${name} has no guard`),
      );
    }
    tidyImports(file);
  });
}

/**
 * Rewrites the places that a verification reported. There the old guard is not called but handed on as a value,
 * so that a function that asks for the scope takes its place.
 */
export function switchReported(path, violations, scope) {
  const reported = violations.filter((one) => one.file === path && one.term === 'legacyAuth');
  if (reported.length === 0) return;
  edit(path, (file) => {
    for (const { line } of reported) {
      // An import goes by itself with the last use.
      if (!file.linesWith('legacyAuth').includes(line)) continue;
      file.inLine(line, (text) => text.replace(/\blegacyAuth\b/, `(req) => authenticate(req, '${scope}')`));
      console.log(`${path}:${line}: rewritten because it was reported`);
    }
    tidyImports(file);
  });
}

/** Says in the route table that these handlers take a token. */
export function switchRoutes(...handlers) {
  edit('src/routes.ts', (file) => {
    for (const handler of handlers) {
      file.replace(
        `credential: 'session', handle: ${handler} }`,
        `credential: 'token', handle: ${handler} }`,
      );
    }
  });
}

function tidyImports(file) {
  file.tidyImport('authenticate', '../auth/bearer.ts');
  file.tidyImport('requireRole', '../auth/caller.ts');
  file.tidyImport('legacyAuth', '../auth/legacy-auth.ts');
}
