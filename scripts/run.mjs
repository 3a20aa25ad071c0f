#!/usr/bin/env node
/**
 * The first thing that runs in a fresh clone: checks the machine, installs, builds, then hands over.
 *
 *   node scripts/run.mjs demo|start|test|bench|chaos [arguments…]
 *
 * Plain Node without dependencies, and syntax that old versions can read up to the check of their version. All
 * of its own words go to stderr, so that the stdout of `--json` is the program's alone.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withFileLock } from './file-lock.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const distDir = path.join(root, 'dist');
const installStamp = path.join(root, 'node_modules/.planwright-install');
const NEEDED = { node: [20, 19], git: [2, 38] };

const COMMANDS = {
  demo: ['dist/apps/cli/main.js', 'demo'],
  start: ['dist/apps/cli/main.js', 'up'],
  test: ['node_modules/jest/bin/jest.js'],
  bench: ['dist/bench/main.js'],
  chaos: ['dist/libs/testing/chaos/main.js'],
};

/** Something a person has to do; shown without a stack. */
class Refusal extends Error {}

/** Set by the first signal that was passed on to a program. */
let interrupted = false;

const say = (line) => process.stderr.write(`${line}\n`);

function checkMachine() {
  const problems = [];
  if (!atLeast(process.versions.node, NEEDED.node)) {
    problems.push(
      `Node ${NEEDED.node.join('.')} or newer is needed, this is ${process.versions.node}: see https://nodejs.org`,
    );
  }
  const git = versionOf('git', ['--version']);
  if (git === undefined)
    problems.push(
      `git ${NEEDED.git.join('.')} or newer is needed and was not found: see https://git-scm.com`,
    );
  else if (!atLeast(git, NEEDED.git))
    problems.push(`git ${NEEDED.git.join('.')} or newer is needed, this is ${git}: please update it`);
  if (!['linux', 'darwin'].includes(process.platform)) problems.push('Linux, macOS or WSL2 is needed');
  if (problems.length > 0) throw new Refusal(problems.join('\n'));
}

function versionOf(program, args) {
  const result = spawnSync(program, args, { encoding: 'utf8' });
  return result.status === 0 ? /\d+(\.\d+)+/.exec(result.stdout)?.[0] : undefined;
}

function atLeast(version, [major, minor]) {
  const [haveMajor, haveMinor] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** The lock file, and the machine: an installation copied from another one has the wrong binaries. */
function wantedInstall() {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
}

function isInstalled() {
  return existsSync(installStamp) && readFileSync(installStamp, 'utf8') === wantedInstall();
}

async function ensureInstalled() {
  if (isInstalled()) return;
  const onWait = () => say('waiting for another installation');
  await withFileLock(path.join(distDir, '.install.lock'), { onWait }, async () => {
    if (!isInstalled()) await install();
  });
}

/** The stamp is written last and npm removes it first with the rest, so an interrupted install is done again. */
async function install() {
  if (versionOf('npm', ['--version']) === undefined)
    throw new Refusal('npm is needed and was not found: it comes with Node');
  const logFile = path.join(distDir, 'install.log');
  const started = Date.now();
  say('installing dependencies…');
  const wanted = wantedInstall();
  const output = openSync(logFile, 'w');
  // No package needs its install script: see libs/platform/postgres/postgres-binaries.ts for the one that had one.
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--include=dev',
    '--include=optional',
    '--loglevel=warn',
  ];
  const code = await runToEnd('npm', args, { stdio: ['ignore', output, output] });
  closeSync(output);
  if (interrupted) process.exit(130);
  if (code !== 0) {
    const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-20).join('\n');
    throw new Refusal(
      `${tail}\n\nnpm ci failed (all of it in ${logFile}). Is the registry reachable? Run the same command to try again.`,
    );
  }
  writeFileSync(`${installStamp}.tmp`, wanted);
  renameSync(`${installStamp}.tmp`, installStamp);
  giveBack('node_modules');
  say(`installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** What root makes in another user's checkout belongs to that user, who runs this tomorrow. */
function giveBack(...folders) {
  const { uid, gid } = statSync(root);
  if (process.geteuid() === 0 && uid !== 0)
    spawnSync('chown', ['-R', `${uid}:${gid}`, ...folders], { cwd: root });
}

async function ensureBuilt() {
  const { build, BuildError } = await import('./build.mjs');
  try {
    const { compiled } = await build({ log: say });
    if (compiled === 0) return;
    say(`built ${compiled} files`);
    giveBack('dist', 'libs/store/generated');
  } catch (error) {
    if (error instanceof BuildError) throw new Refusal(error.message);
    // An administrator may have built it for everybody in a folder that only they may write.
    if (!['EACCES', 'EROFS'].includes(error.code) || !existsSync(path.join(root, COMMANDS.demo[0])))
      throw error;
    say(`${distDir} is not writable: using what was built before`);
  }
}

/**
 * Runs a program; the signals that would end us are its business from now on: it ends in its own time, and its
 * end is ours. It gets them from us too, since `kill` reaches only this process.
 * @returns {Promise<number>} its exit code, or 128 + the number of the signal that ended it
 */
function runToEnd(program, args, options) {
  const child = spawn(program, args, { cwd: root, ...options });
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (name) => {
    interrupted = true;
    child.kill(name);
  };
  for (const name of names) process.on(name, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (os.constants.signals[signal] ?? 0)));
  }).finally(() => names.forEach((name) => process.removeListener(name, forward)));
}

async function main([name, ...args]) {
  const command = COMMANDS[name];
  if (command === undefined)
    throw new Refusal(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments…]`);
  checkMachine();
  await ensureInstalled();
  await ensureBuilt();
  const [script, ...first] = command;
  // Where the person stands matters for the paths they type; npm moves us to the package and remembers it.
  const stood = process.cwd() === root ? (process.env.INIT_CWD ?? root) : process.cwd();
  const cwd = name === 'test' ? root : stood;
  return runToEnd(process.execPath, [path.join(root, script), ...first, ...args], { cwd, stdio: 'inherit' });
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    say(error instanceof Refusal ? error.message : error.stack);
    process.exitCode = 1;
  },
);
