#!/usr/bin/env node
import { Command } from 'commander';
import { demo, type DemoOptions } from './local/demo.js';
import { up } from './local/up.js';

const program = new Command('planwright')
  .description(
    'Executes multi-step plans on git repositories; a task is done when its spec turned from red to green.',
  )
  .showHelpAfterError();

program
  .command('up')
  .description('start Postgres, the API and the workers, and stay up until Ctrl-C')
  .action(async () => {
    process.exitCode = await up();
  });

program
  .command('demo')
  .description('run a real plan on a sample repository')
  .option('--yes', 'approve without asking', false)
  .option('--exit', 'leave when the plan has ended', false)
  .option('--json', 'print the final state as JSON on standard output', false)
  .action(async (options: DemoOptions) => {
    process.exitCode = await demo(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`planwright: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
