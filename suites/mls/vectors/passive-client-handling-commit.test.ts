import { describePassiveClient } from './passive-client.ts';

describePassiveClient('passive-client-handling-commit');
