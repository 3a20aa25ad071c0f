import { canonicalJson } from '../canonical-json.js';
import { overridesOfCommand, pathsOfCommand } from './command-paths.js';
import { compileGlob, compileGlobs } from './glob.js';
import { PROTECTED_PATH_RULE, type Spec } from './spec.js';
import type { Violation } from './verdict.js';

/** A path that a candidate touches. */
export interface TouchedFile {
  readonly path: string;
  /** Set for a rename. */
  readonly oldPath?: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'typechange';
  /** For a `package.json`: its text on either side, null where it does not exist. */
  readonly packageJson?: { readonly before: string | null; readonly after: string | null };
}

export interface ProtectedPathsInput {
  readonly spec: Spec;
  readonly files: readonly TouchedFile[];
  /** Globs that the task was given before it started; they lift the protection. */
  readonly mayChange: readonly string[];
  /** Text of the root `package.json` on the attempt's base: what its scripts name is named by the check that runs them. */
  readonly basePackageJson?: string | null;
}

const CI = [
  '.github/**',
  '.gitlab-ci.{yml,yaml}',
  '.gitlab/ci/**',
  '.circleci/**',
  '.ci/**',
  '.buildkite/**',
  '.{drone,travis,appveyor}.{yml,yaml}',
  'appveyor.yml',
  '**/Jenkinsfile',
  '{azure-pipelines,bitbucket-pipelines}.{yml,yaml}',
];

const VERIFIER = ['.planwright/**', 'planwright.{yml,yaml}'];

const CODE = '{js,cjs,mjs,jsx,ts,cts,mts,tsx,json,json5,yml,yaml}';
const TEST_RUNNERS = [
  `**/{jest,vitest,vite,playwright,playwright-ct,karma,ava,cypress,wdio,web-test-runner,stryker,cucumber}.config.${CODE}`,
  `**/vitest.workspace.${CODE}`,
  `**/jest.*.config.${CODE}`,
  `**/karma.conf.${CODE}`,
  `**/.{mocharc,nycrc,c8rc,taprc,jestrc}`,
  `**/.{mocharc,nycrc,c8rc,taprc,jestrc}.${CODE}`,
  `**/jest.{setup,preset,environment}.${CODE}`,
  `**/vitest.setup.${CODE}`,
  '**/{pytest,tox}.ini',
  '**/.coveragerc',
];

/**
 * Files that change what a command does or what people see without being code of the task. `.npmrc` and its kin set
 * the shell and the registry of every script. `.gitattributes` changes the bytes of a checkout and hides files from a
 * reviewer's diff; `.gitmodules` brings in trees that no rule reads. Installed packages hold the very tools that a
 * check runs.
 */
const TOOLING = [
  '**/.npmrc',
  '**/.yarnrc',
  '**/.yarnrc.yml',
  '**/.pnpmfile.{cjs,mjs}',
  '**/bunfig.toml',
  '**/.gitattributes',
  '.gitmodules',
  '**/node_modules/**',
];

const TESTS = [
  '**/*.{test,spec,e2e,cy}.*',
  '**/{test,tests,__tests__,__mocks__,__snapshots__,e2e}/**',
  '**/*_test.{go,py,rb,exs,dart}',
  '**/test_*.py',
  '**/conftest.py',
  '**/*_spec.rb',
  '**/*{Test,Tests,IT}.{java,kt,scala,cs}',
];

const RUNNER_KEYS = [
  'scripts',
  'jest',
  'vitest',
  'mocha',
  'ava',
  'nyc',
  'c8',
  'tap',
  'karma',
  'cypress',
  'playwright',
];

const GROUPS = [
  { what: 'CI configuration', matches: compileGlobs(CI) },
  { what: 'verifier configuration', matches: compileGlobs(VERIFIER) },
  { what: 'test-runner configuration', matches: compileGlobs(TEST_RUNNERS) },
  { what: 'tooling that decides what commands do', matches: compileGlobs(TOOLING) },
];
const isTest = compileGlobs(TESTS);
const isPackageJson = compileGlob('**/package.json');

/** What a candidate touches although it decides how the candidate is judged. Either side of a rename counts. */
export function protectedPathViolations(input: ProtectedPathsInput): Violation[] {
  const allowed = compileGlobs(input.mayChange);
  const judge = { named: namedByChecks(input), overrides: overridesOfChecks(input) };
  const violations = new Map<string, Violation>();
  for (const file of input.files) {
    for (const side of sidesOf(file)) {
      if (allowed(side.path)) continue;
      const reason = reasonFor(side, file, judge, input.spec.checks.length > 0);
      if (reason === null) continue;
      const message = `${reason}: this path is protected, and the task's mayChange does not name it`;
      violations.set(side.path, {
        rule: PROTECTED_PATH_RULE,
        severity: 'critical',
        message,
        file: side.path,
      });
    }
  }
  return [...violations.values()];
}

interface Side {
  readonly path: string;
  /** Whether the path held a file on the base: adding a test is allowed, changing one is not. */
  readonly existed: boolean;
}

function sidesOf(file: TouchedFile): Side[] {
  if (file.oldPath === undefined) return [{ path: file.path, existed: file.status !== 'added' }];
  return [
    { path: file.oldPath, existed: true },
    { path: file.path, existed: false },
  ];
}

function reasonFor(
  side: Side,
  file: TouchedFile,
  judge: { readonly named: (path: string) => boolean; readonly overrides: (path: string) => boolean },
  hasChecks: boolean,
): string | null {
  const group = GROUPS.find((each) => each.matches(side.path));
  if (group !== undefined) return group.what;
  if (isPackageJson(side.path)) {
    const changed = changedSettings(file);
    return changed.length === 0 ? null : `package.json changes ${changed.join(', ')}`;
  }
  if (judge.overrides(side.path)) return 'configuration of a tool that a check runs';
  if (!side.existed) return null;
  if (judge.named(side.path)) return 'a check runs it';
  return hasChecks && isTest(side.path) ? 'a test that existed before' : null;
}

/** Keys whose meaning differs; a text that is no JSON object cannot be compared, so it counts as a change. */
function changedSettings(file: TouchedFile): string[] {
  const before = parseObject(file.packageJson?.before ?? null);
  const after = parseObject(file.packageJson?.after ?? null);
  if (before === undefined || after === undefined) return ['to or from something that is not a JSON object'];
  return RUNNER_KEYS.filter((key) => settingOf(before, key) !== settingOf(after, key));
}

/** Order and white space are no change. */
function settingOf(settings: Record<string, unknown>, key: string): string {
  return canonicalJson({ value: settings[key] });
}

/** null: there is no file, which says the same as an empty object. undefined: it cannot be read. */
function parseObject(text: string | null): Record<string, unknown> | undefined {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function namedByChecks({ spec, basePackageJson }: ProtectedPathsInput): (path: string) => boolean {
  const scripts = scriptsOf(basePackageJson ?? null);
  const paths = new Set(spec.checks.flatMap((check) => [...pathsOfCommand(check.run, scripts)]));
  // After a `cd`, a name is relative to a folder that only the shell knows.
  const moves = spec.checks.some((check) => /(^|[\s;&|(])(cd|pushd)\s|--prefix|\s-C\s/.test(check.run));
  const globs = [...paths].filter((path) => /[*?[{]/.test(path)).flatMap(tryGlob);
  return (path) => {
    if (paths.has(path) || globs.some((matches) => matches(path))) return true;
    return moves && [...paths].some((named) => path.endsWith(`/${named}`));
  };
}

function overridesOfChecks({ spec, basePackageJson }: ProtectedPathsInput): (path: string) => boolean {
  const scripts = scriptsOf(basePackageJson ?? null);
  return compileGlobs(spec.checks.flatMap((check) => overridesOfCommand(check.run, scripts)));
}

function tryGlob(glob: string) {
  try {
    return [compileGlob(glob)];
  } catch {
    return [];
  }
}

/** The scripts of a `package.json`; none where it cannot be read. */
export function scriptsOf(packageJson: string | null): Record<string, string> {
  const scripts = parseObject(packageJson)?.['scripts'];
  if (typeof scripts !== 'object' || scripts === null) return {};
  return Object.fromEntries(Object.entries(scripts).filter(([, value]) => typeof value === 'string'));
}
