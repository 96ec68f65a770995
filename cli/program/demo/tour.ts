import { chatModel, claudeModel, sharedModel } from './demo-accounts.ts';
import type { Dialect } from './dialects.ts';

/** One thing that the demo shows. */
export interface Stop {
  dialect: Dialect;
  model: string;
  isStream: boolean;
  question: string;
  /** Account that has to answer. */
  account: string;
  /** Upstream calls that it has to take; one where absent. */
  attempts?: number;
  /** A tool that the model is made to call; its result is sent back. */
  hasTool?: boolean;
  /** What is to be seen here. */
  point: string;
}

/** Every protocol, streamed and not, with the account's own protocol and with another one; a tool; a failure. */
export const tour: readonly Stop[] = [
  {
    dialect: 'openai-chat',
    model: chatModel,
    isStream: false,
    question: 'Hello from OpenAI Chat',
    account: 'openai',
    point: 'same protocol: bytes go through unread',
  },
  {
    dialect: 'openai-chat',
    model: claudeModel,
    isStream: true,
    question: 'Stream this to me as OpenAI chunks',
    account: 'claude',
    point: 'translated from Anthropic, event by event',
  },
  {
    dialect: 'anthropic',
    model: claudeModel,
    isStream: true,
    question: 'Hello from Anthropic Messages',
    account: 'claude',
    point: 'same protocol, streamed',
  },
  {
    dialect: 'anthropic',
    model: chatModel,
    isStream: false,
    question: 'Claude clients can use OpenAI accounts',
    account: 'openai',
    point: 'translated to OpenAI Chat',
  },
  {
    dialect: 'openai-responses',
    model: chatModel,
    isStream: false,
    question: 'Hello from OpenAI Responses',
    account: 'openai',
    point: 'what Codex speaks',
  },
  {
    dialect: 'openai-responses',
    model: claudeModel,
    isStream: true,
    question: 'Codex can use Claude accounts',
    account: 'claude',
    point: 'translated, every event in its order',
  },
  {
    dialect: 'gemini',
    model: claudeModel,
    isStream: false,
    question: 'Hello from Gemini',
    account: 'claude',
    point: 'translated to Anthropic',
  },
  {
    dialect: 'gemini',
    model: chatModel,
    isStream: true,
    question: 'Gemini streams too',
    account: 'openai',
    point: 'translated to OpenAI Chat',
  },
  {
    dialect: 'anthropic',
    model: chatModel,
    isStream: true,
    question: 'How deep is Lake Bled?',
    account: 'openai',
    hasTool: true,
    point: 'the model calls a tool, gets its result, answers',
  },
  {
    dialect: 'openai-chat',
    model: sharedModel,
    isStream: true,
    question: 'Is anybody there?',
    account: 'openai',
    attempts: 2,
    point: 'the first account answers 500; the client never notices',
  },
];
