/**
 * What a trace may not hold: passwords of configuration documents, bearer tokens and session cookies. They are masked
 * by as many asterisks, so that lengths stay true. Traces are read, mailed and attached to tickets.
 */
const SECRETS: readonly RegExp[] = [
  /(?<=^(?:authorization|proxy-authorization): bearer )\S+/gim,
  /(?<=^(?:set-cookie|cookie): [^=;\r\n]+=)[^;\r\n]+/gim,
  /(?<=<parm name="(?:UserPwd|token|ftHTTPCSPwd|parley-kds-token)" value=")[^"]+/g,
];

export function redactHttp(text: string): string {
  return SECRETS.reduce(
    (masked, secret) => masked.replace(secret, (found) => '*'.repeat(found.length)),
    text,
  );
}
