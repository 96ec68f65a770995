/** What Amazon Q and Kiro have in common. */
export const codewhispererBesides = {
  usage:
    'the operation tells only what share of the window is used, with the answer; whole answers say `x-aiproxy-usage: estimated`',
  max_tokens: 'the operation has no bound of the output',
};

export const tagLosses = {
  thinking: 'thinking is asked for by tags in the text of a user, and a turn of tool results has none',
  'messages.thinking': 'past thoughts have no place in the request',
};

export const codewhispererRefusals = {
  'image by its address': 'the operation takes bytes alone, and a node fetches nothing on behalf of a client',
};
