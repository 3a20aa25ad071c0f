import type { Credential } from './agent-cli.js';

/** Keys of model providers, for agents that work with any of them. */
export const PROVIDER_KEYS: readonly Credential[] = [
  { name: 'ANTHROPIC_API_KEY', hosts: ['api.anthropic.com'] },
  { name: 'OPENAI_API_KEY', hosts: ['api.openai.com'] },
  { name: 'GEMINI_API_KEY', hosts: ['generativelanguage.googleapis.com'] },
  { name: 'OPENROUTER_API_KEY', hosts: ['openrouter.ai'] },
  { name: 'GROQ_API_KEY', hosts: ['api.groq.com'] },
  { name: 'DEEPSEEK_API_KEY', hosts: ['api.deepseek.com'] },
  { name: 'XAI_API_KEY', hosts: ['api.x.ai'] },
  { name: 'MISTRAL_API_KEY', hosts: ['api.mistral.ai'] },
];

/** How the interfaces of models say that there is no more for now, in words that every agent hands on. */
export const PROVIDER_QUOTA = [
  { pattern: '\\b(?:insufficient_quota|exceeded your current quota|credit balance is too low)\\b' },
  { pattern: '\\brate_limit_error\\b' },
] as const;
