import { availableParallelism } from 'node:os';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { FILTER_HELP } from '../run/filter.ts';
import { versions } from '../run/versions.ts';
import { NETWORK_KINDS } from '../world/network-kind.ts';
import { type CaptureFlags, captureCommand } from './capture-command.ts';
import type { Context } from './context.ts';
import { LISTED, type Listed, type ListFlags, listCommand } from './list-command.ts';
import { checkCommand, coverageCommand, explainCommand, type MatrixFlags } from './matrix-command.ts';
import { type MlsClientFlags, mlsClientCommand } from './mls-client-command.ts';
import { type MlsInteropFlags, mlsInteropCommand } from './mls-interop-command.ts';
import type { PhoneFlags } from './phone-command.ts';
import { type ReplayFlags, replayCommand } from './replay-command.ts';
import { type RunFlags, runCommand } from './run-command.ts';
import type { ServeFlags } from './serve-command.ts';

const MAX_JOBS = 256;

/** The command line. `exit` is told the code of the command that ran. */
export function program(context: Context, exit: (code: number) => void): Command {
  const { terminal } = context;
  const root = new Command('parley')
    .description(
      'Interoperability tests for end-to-end-encrypted RCS: emulated phones and carriers, a matrix, verdicts.',
    )
    .version(versions()['parley'] ?? '')
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(`parley: ${oneLine(text)}\n`),
    })
    .addHelpText('after', ROOT_HELP);

  add(root, 'run', 'run the cells of a plan, judge them and write a report')
    .option('--plan <name>', 'the plan to run', 'default')
    .option('--filter <expr>', FILTER_HELP)
    .option('--seed <seed>', "instead of the plan's own seed", seed)
    .option('--jobs <n>', 'worker threads', jobs, availableParallelism())
    .option('--shard <i/n>', 'only the i-th of n parts of the cells; the parts follow from the ids alone')
    .addOption(network())
    .option('--engines <module>', ENGINES_HELP)
    .option('--out <dir>', 'folder for the results', 'out')
    .option('--json', 'print summary.json at the end instead of a table')
    .addHelpText('after', RUN_HELP)
    .action(async (flags: RunFlags) => exit(await runCommand(flags, context)));

  add(root, 'list', 'name what the matrix holds')
    .addArgument(new Argument('[what]', 'what to list').choices(LISTED))
    .option('--plan <name>', 'whose cells to list', 'default')
    .option('--filter <expr>', 'which cells to list')
    .option('--json', 'print JSON')
    .addHelpText('after', LIST_HELP)
    .action((what: Listed | undefined, flags: ListFlags) => exit(listCommand(what, flags, context)));

  const matrix = root.command('matrix').description('check and explain the matrix');
  add(matrix, 'check', 'read every file and expand every plan; say what is wrong, with file, line and field')
    .option('--json', 'print JSON')
    .action((flags: MatrixFlags) => exit(checkCommand(flags, context)));
  add(matrix, 'explain', 'print the rule that judges a cell, what it expects, and why those above it do not')
    .argument('<id>', 'id of a cell, or a case file')
    .option('--plan <name>', 'where to look for the cell (default: every plan)')
    .option('--json', 'print JSON')
    .action(async (id: string, flags: MatrixFlags) => exit(await explainCommand(id, flags, context)));
  add(matrix, 'coverage', 'count the combinations that each plan covers, and those that constraints removed')
    .option('--plan <name>', 'only this plan')
    .option('--json', 'print JSON')
    .action((flags: MatrixFlags) => exit(coverageCommand(flags, context)));

  add(root, 'replay', 'run one case file alone: steps, frames, verdict; compare with the trace beside it')
    .argument('<file>', 'a case.yaml')
    .addOption(network())
    .option('--engines <module>', ENGINES_HELP)
    .option('--out <dir>', 'folder for case.yaml and trace.jsonl (default: out/replay/HASH)')
    .option('--json', 'print JSON')
    .addHelpText('after', REPLAY_HELP)
    .action(async (file: string, flags: ReplayFlags) => exit(await replayCommand(file, flags, context)));

  root
    .command('capture')
    .description('write the frames of a trace as a capture (pcapng) that Wireshark and tshark open')
    .argument('<trace>', 'a trace.jsonl, its folder, or the case.yaml beside it')
    .option('--out <file>', 'the capture (default: trace.pcapng beside the trace)')
    .addHelpText('after', CAPTURE_HELP)
    .action((trace: string, flags: CaptureFlags) => exit(captureCommand(trace, flags, context)));

  root
    .command('serve')
    .description('serve emulated carriers on real sockets, for anything that speaks SIP')
    .option(
      '--carrier <file>',
      'a carrier file, or the name of one in matrix/carriers; once for each, they are peered (default: lab)',
      several(text),
    )
    .option('--state <dir>', 'folder for accepted messages, registrations and the test CA', 'out/serve')
    .option('--record <dir>', 'write what passes to DIR/trace.jsonl, secrets masked')
    .option('--bind <addresses>', 'an IPv4 and an IPv6 address, or one of them', '127.0.0.1')
    .option('--advertise <address>', 'the address that phones are told (default: the first of --bind)')
    .option('--port-base <n>', 'first port; 0 takes free ones (default: the well-known ones)', port)
    .option('--insecure-keylog <file>', 'write the keys of all TLS connections to FILE')
    .option('--json', 'print endpoints and accounts as one line of JSON')
    .addHelpText('after', SERVE_HELP)
    .action(async (flags: ServeFlags) => {
      const { serveCommand } = await import('./serve-command.ts');
      exit(await serveCommand(flags, context));
    });

  root
    .command('phone')
    .description('a phone for the terminal: provisions, registers, prints what comes, sends what is typed')
    .requiredOption('--as <account>', 'name of an account of the server')
    .option('--server <dir>', 'state folder of the server on this machine, or its served.json', 'out/serve')
    .option('--device <name>', 'which phone of matrix/devices it is', 'pixel-up30')
    .option('--state <dir>', 'folder for what the phone remembers (default: it forgets)')
    .option('--json', 'print a line of JSON for each thing that happens')
    .addHelpText('after', PHONE_COMMAND_HELP)
    .action(async (flags: PhoneFlags) => {
      const { phoneCommand } = await import('./phone-command.ts');
      exit(await phoneCommand(flags, context));
    });

  root
    .command('mls-client')
    .description("serve Parley's MLS by the interoperability service of the MLS working group (gRPC)")
    .requiredOption('--port <n>', 'where to listen; 0 asks for a free port', port)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--seed <seed>', 'draw all keys from this seed: foreseeable, for tests only', seed)
    .option(
      '--max-states <n>',
      'groups and keys held at once; the least recently used goes first',
      states,
      4_096,
    )
    .addHelpText('after', MLS_CLIENT_HELP)
    .action(async (flags: MlsClientFlags) => exit(await mlsClientCommand(flags, context)));

  root
    .command('mls-interop')
    .description('drive MLS implementations through scripts, every assignment of actors to implementations')
    .option('--client <host:port>', 'an implementation that serves MLSClient; once for each', several(text))
    .option('--script <file>', "a file of scripts; once for each (default: Parley's own)", several(text))
    .option(
      '--suite <n>',
      'only this cipher suite; once for each (default: all that a client has)',
      several(suite),
    )
    .option(
      '--filter <expr>',
      FILTER_HELP.replace('scenario=one-to-one,sender=pixel-*,network!=lte', MLS_FILTER),
    )
    .option('--seed <seed>', 'for group ids and PSKs', seed, 'parley')
    .option('--timeout <s>', 'seconds that a client is given for one call', seconds, 20)
    .option('--json', 'print JSON')
    .addHelpText('after', MLS_INTEROP_HELP)
    .action(async (flags: MlsInteropFlags) => exit(await mlsInteropCommand(flags, context)));
  return root;
}

function add(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--matrix <dir>', "folder of the matrix (default: Parley's own)");
}

function network(): Option {
  return new Option('--network <kind>', 'what the worlds run on: virtual time, or real sockets on loopback')
    .choices(NETWORK_KINDS)
    .default('simulated');
}

/** Reads a whole number in those bounds. */
function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

const jobs = whole(1, MAX_JOBS);
const port = whole(0, 65_535);
const states = whole(1, 1_000_000);
const suite = whole(1, 65_535);
const seconds = whole(1, 3_600);
const text = (value: string): string => value;

/** An option that may be given more than once. */
function several<T>(
  read: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (value, before) => [...(before ?? []), read(value)];
}

/** It becomes part of file contents and the seeds of cells. */
function seed(text: string): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(text))
    throw new InvalidArgumentError('It must be 1 to 64 letters, digits, dots or hyphens.');
  return text;
}

const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ');

const ENGINES_HELP = "module of MLS engines for the phones that have another than Parley's own";

const ROOT_HELP = `
Examples:
  parley run                                  the default plan
  parley list cells --plan smoke              the ids of a plan's cells
  parley replay out/latest/cases/ID/case.yaml the same bytes again

Exit codes: 0 no news, 1 news (new failures, known ones that pass, missed canaries),
2 infra-error, cells not run, no MLS engine for them, or a file of the matrix is wrong,
64 wrong usage: an unknown verb, flag or name, or a case file that is not there or is none.`;

const RUN_HELP = `
Examples:
  parley run --plan nightly --shard 2/5
  parley run --filter 'scenario=one-to-one,sender=pixel-*,network!=lte'
  parley run --seed 7 --json
  parley run --plan smoke --network sockets
  parley run --plan engines --engines suites/peers/phone-engines.ts
  parley run --plan mutations-mls      a drill of matrix/drills: 200,000 altered MLS messages

Writes OUT/RUN/ (summary.json, results.jsonl, cases/ID/, index.html) and points OUT/latest at it.
Canaries, cells with a planted fault, are part of every run whatever the filter or shard.`;

const LIST_HELP = `
Examples:
  parley list devices
  parley list quirks
  parley list cells --plan default --filter 'recipient=*-sms' --json`;

const CAPTURE_HELP = `
Examples:
  parley capture out/latest/cases/ID
  parley capture out/replay/HASH/trace.jsonl --out /tmp/case.pcapng && tshark -r /tmp/case.pcapng

Hosts get made-up addresses with their names. What was recorded before encryption stands on plain TCP; the comment of
each packet says so, and names the entry of the trace.`;

const SERVE_HELP = `
Examples:
  parley serve                                             one carrier, two accounts, all transports
  parley serve --carrier up30-e2ee --carrier up24          two carriers, peered
  parley serve --carrier my.yaml --bind 127.0.0.1,::1 --port-base 15060 --state /var/tmp/lab

Prints endpoints, accounts and settings for SIPp, JsSIP and softphones. What was answered 2xx survives kill -9.
SIGINT and SIGTERM let work in hand end; SIGHUP reads the carrier files again and says what changed.
A carrier file may give accounts: [{ name, msisdn, imsi, password, rcs }] and limits.`;

const PHONE_COMMAND_HELP = `
Examples:
  parley phone --as alice
  echo '+999900100002 hello' | parley phone --as alice --json

Lines: NUMBER text; /to NUMBER, then text alone; /can NUMBER asks what a peer can do; /quit.
A number may be the name of an account where one is asked for. Ends with its input, by /quit, SIGINT or SIGTERM with 0;
1 when it never came into service, 64 when there is no such server or account.
It sends from a loopback address of its own, by which the carrier knows it: Linux and Windows have them all.`;

const MLS_FILTER = 'script=commit/*,handshake=private,assignment!=AA';

const MLS_CLIENT_HELP = `
Example:
  parley mls-client --port 50051

Ends by SIGINT or SIGTERM with 0. It is served without TLS or login, and hands out private keys.`;

const MLS_INTEROP_HELP = `
Examples:
  parley mls-interop --client 127.0.0.1:50051 --client 127.0.0.1:50052
  parley mls-interop --client 127.0.0.1:50051 --script welcome.yaml --suite 2 --json

Exit codes: 0 nothing failed, 1 failures, 2 no client there, nothing passed or a script file is wrong,
64 wrong usage.`;

const REPLAY_HELP = `
Examples:
  parley replay out/latest/cases/ID/case.yaml
  parley replay case.yaml --out /tmp/again --json

Exit codes: 0 it passed, or a canary was caught, 1 it failed, 2 it could not be run,
64 FILE is not there, is a folder, or is no case file.`;
