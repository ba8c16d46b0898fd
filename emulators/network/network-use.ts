/** What is still alive on a network; all zero once every component has closed. */
export interface NetworkUse {
  readonly streams: number;
  readonly sockets: number;
  readonly listeners: number;
  readonly requests: number;
}
