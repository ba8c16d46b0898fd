export const NETWORK_KINDS = ['simulated', 'sockets'] as const;
/** `sockets`: real ones on loopback. The kernel then has a say in what happens when, so that no two runs are alike. */
export type NetworkKind = (typeof NETWORK_KINDS)[number];
