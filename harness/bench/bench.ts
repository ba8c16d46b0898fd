#!/usr/bin/env node
import { processTerminal } from '../cli/terminal.ts';
import { RUNTIME_URL } from '../run/load-runtime.ts';
import { benchMain } from './bench-main.ts';

process.exitCode = await benchMain(process.argv.slice(2), processTerminal(), RUNTIME_URL);
