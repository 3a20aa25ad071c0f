import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { print } from '../output/output.js';

export interface CompletedCommand {
  readonly name: string;
  /** What may come after it: verbs of a group, options. */
  readonly words: readonly string[];
}

/** Prints a completion script; the words are those of this version. */
export async function completion(shell: string, commands: readonly CompletedCommand[]): Promise<ExitCode> {
  if (shell === 'bash') print(bash(commands));
  else if (shell === 'zsh') print(`autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`);
  else throw new CliError(EXIT.usage, `There is no completion for ${shell}.`, 'planwright completion bash');
  return EXIT.ok;
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, words }) => `    ${name}) words="${words.join(' ')}" ;;`);
  return `_planwright() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map(({ name }) => name).join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _planwright planwright`;
}
