/** The endpoints and accounts of a server for a person, with the settings that clients want, ready to be copied. */
import type { ServedDescriptor } from './descriptor.ts';

type ServedCarrier = ServedDescriptor['carriers'][number];
type Table = (rows: readonly (readonly string[])[]) => string;

export function settingsText(server: ServedDescriptor, table: Table): string {
  const carriers = server.carriers.map((carrier) => carrierText(server, carrier, table));
  return `${carriers.join('\n')}\nStatus page  ${server.status}\nRoot of trust  ${server.ca}\n`;
}

function carrierText(server: ServedDescriptor, carrier: ServedCarrier, table: Table): string {
  const [address = '127.0.0.1'] = carrier.addresses;
  const at = carrier.addresses.join(' and ');
  const endpoints = [
    ...carrier.sip.map(({ transport, port }) => [
      `SIP over ${transport.toUpperCase()}`,
      `${at} port ${port}`,
    ]),
    ['ACS (RCC.14)', carrier.acs],
    ...(carrier.kds === undefined ? [] : [['KDS', carrier.kds]]),
  ];
  const accounts = carrier.accounts.map((account) => [
    account.name,
    account.msisdn,
    account.publicIdentity,
    account.privateIdentity,
    account.password,
  ]);
  return [
    `Carrier ${carrier.label}: ${carrier.name}, domain ${carrier.domain}\n`,
    indented(table(endpoints)),
    indented(
      table([['account', 'number', 'address of record', 'name for digests', 'password'], ...accounts]),
    ),
    indented(clientLines(server, carrier, literal(address)).join('\n')),
    '',
  ].join('\n');
}

/** For the first account; the others differ in name, number and password only. */
function clientLines(server: ServedDescriptor, carrier: ServedCarrier, address: string): string[] {
  const account = carrier.accounts[0]!;
  const port = (transport: string) => carrier.sip.find((one) => one.transport === transport)?.port;
  const [udp, tls, wss, tcp] = [port('udp'), port('tls'), port('wss'), port('tcp')];
  const sipp = udp ?? tcp;
  const { domain, msisdn, password, privateIdentity, publicIdentity } = account;
  const credentials = `-s ${msisdn} -au ${privateIdentity} -ap '${password}' -auth_uri ${domain} -key domain ${domain}`;
  const lines = [
    `parley    npx parley phone --as ${account.name} --server ${server.ca.replace(/[/\\][^/\\]*$/, '')}`,
  ];
  if (sipp !== undefined) {
    const transport = udp === undefined ? '-t t1 ' : '';
    lines.push(
      `SIPp      sipp ${address}:${sipp} ${transport}-sf suites/sipp/register.xml ${credentials} -m 1`,
    );
  }
  if (wss !== undefined) {
    const settings = [
      `sockets: [new JsSIP.WebSocketInterface('wss://${address}:${wss}')]`,
      `uri: '${publicIdentity}'`,
      `authorization_user: '${privateIdentity}'`,
      `password: '${password}'`,
    ];
    lines.push(`JsSIP     new JsSIP.UA({ ${settings.join(', ')} }).start()`);
  }
  lines.push("          Debian's SIPp and JsSIP know MD5 digests alone, which --carrier lab-md5 asks for");
  const [transport, secure] = tls === undefined ? ['TCP', tcp ?? udp] : ['TLS', tls];
  lines.push(
    `softphone user ${msisdn}, domain ${domain}, authentication user ${privateIdentity}, password ${password}, ` +
      `proxy ${address}:${secure};transport=${transport.toLowerCase()}${tls === undefined ? '' : `, CA ${server.ca}`}`,
  );
  return lines;
}

const literal = (address: string): string => (address.includes(':') ? `[${address}]` : address);
const indented = (text: string): string =>
  text
    .replace(/^(?=.)/gm, '  ')
    .trimEnd()
    .concat('\n');
