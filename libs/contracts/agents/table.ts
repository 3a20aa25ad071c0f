import type { AgentCli, AgentName } from './agent-cli.js';
import { aider } from './entries/aider.js';
import { amp } from './entries/amp.js';
import { claude } from './entries/claude.js';
import { cline } from './entries/cline.js';
import { codex } from './entries/codex.js';
import { continueCli } from './entries/continue.js';
import { copilot } from './entries/copilot.js';
import { crush } from './entries/crush.js';
import { cursor } from './entries/cursor.js';
import { droid } from './entries/droid.js';
import { gemini } from './entries/gemini.js';
import { goose } from './entries/goose.js';
import { kiro } from './entries/kiro.js';
import { opencode } from './entries/opencode.js';
import { own } from './entries/own.js';
import { qwen } from './entries/qwen.js';

/** Every agent that a plan can name, by that name. */
export const AGENT_CLIS: { readonly [N in AgentName]: AgentCli } = {
  claude,
  codex,
  gemini,
  opencode,
  aider,
  copilot,
  cursor,
  goose,
  amp,
  qwen,
  crush,
  kiro,
  droid,
  cline,
  continue: continueCli,
  own,
};
