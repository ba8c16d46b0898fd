/** One line that the user of a terminal phone types. */
export type PhoneLine =
  | { readonly do: 'send'; readonly to: string; readonly text: string }
  | { readonly do: 'talk'; readonly to: string }
  | { readonly do: 'ask'; readonly peer: string }
  | { readonly do: 'quit' }
  | { readonly do: 'help' }
  | { readonly do: 'nothing' }
  | { readonly do: 'mistake'; readonly why: string };

const NUMBER = /^\+[1-9]\d{6,14}$/;
export const PHONE_HELP = 'NUMBER text | /to NUMBER, then text | /can NUMBER | /quit';

/** `peer`: whom lines without a number go to; `numberOf` knows the names of accounts. */
export function phoneLine(
  line: string,
  peer: string | undefined,
  numberOf: (name: string) => string | undefined,
): PhoneLine {
  const text = line.trim();
  if (text === '') return { do: 'nothing' };
  const [first = '', ...words] = text.split(/\s+/);
  const rest = text.slice(first.length).trim();
  const number = (written: string) => (NUMBER.test(written) ? written : numberOf(written));
  const verb = first === '/to' ? 'talk' : first === '/can' ? 'ask' : undefined;
  if (verb !== undefined) {
    const to = number(words[0] ?? '');
    if (to === undefined) return { do: 'mistake', why: `${first} wants a number such as +999900100001` };
    return verb === 'talk' ? { do: 'talk', to } : { do: 'ask', peer: to };
  }
  if (first === '/quit') return { do: 'quit' };
  if (first === '/help') return { do: 'help' };
  if (first.startsWith('/')) return { do: 'mistake', why: `no command ${first}; ${PHONE_HELP}` };
  if (NUMBER.test(first)) {
    return rest === ''
      ? { do: 'mistake', why: 'no text after the number' }
      : { do: 'send', to: first, text: rest };
  }
  return peer === undefined
    ? { do: 'mistake', why: `to whom? ${PHONE_HELP}` }
    : { do: 'send', to: peer, text };
}
