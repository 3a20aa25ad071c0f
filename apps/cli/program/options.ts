import { Option } from 'commander';

/** Options that many verbs have. */

export const json = () => new Option('--json', 'as JSON, in an envelope with a version');

export const token = () => new Option('--token <token>', 'of your claim, where it has a lease');
