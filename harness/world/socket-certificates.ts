/** Real certificates for the hosts of worlds on sockets, as their carriers' files want them, and the keys behind them. */
import type { CertificateWish } from '../../emulators/network/sockets/socket-host.ts';
import {
  type Credentials,
  newTestKey,
  TEST_CA_NAME,
  TestCa,
  type TestKey,
} from '../../emulators/network/sockets/test-ca.ts';

export class SocketCertificates {
  /** The one that every host trusts. */
  readonly authority: TestCa;
  readonly #stranger: TestCa;
  readonly #keys = new Map<string, TestKey>();
  readonly #issued = new Map<string, Promise<Credentials>>();

  private constructor(authority: TestCa, stranger: TestCa) {
    this.authority = authority;
    this.#stranger = stranger;
  }

  /** `now` is wall time: node:tls judges by that. */
  static async open(now: () => number): Promise<SocketCertificates> {
    return new SocketCertificates(await TestCa.open({ now }), await TestCa.open({ now }));
  }

  /** The pin (RFC 7469 section 2.4) of a host's key; a host that renews its key has another in each generation. */
  pinOf(host: string, generation = 0): string {
    return this.#keyOf(host, generation).pin;
  }

  /** A valid certificate unless another is wished for. */
  credentialsOf(host: {
    readonly name: string;
    readonly certificate?: CertificateWish | undefined;
  }): Promise<Credentials> {
    const { name, certificate: wish } = host;
    const what = JSON.stringify([name, wish]);
    const known = this.#issued.get(what) ?? this.#issue(name, wish);
    this.#issued.set(what, known);
    return known;
  }

  #issue(name: string, wish: CertificateWish | undefined): Promise<Credentials> {
    if (wish === undefined) return this.authority.issue({ names: [name], key: this.#keyOf(name, 0) });
    const { names, notBefore, notAfter, issuer, spkiSha256 } = wish;
    const key = [...this.#keys.values()].find(({ pin }) => pin === spkiSha256) ?? this.#keyOf(name, 0);
    const by = issuer === TEST_CA_NAME ? this.authority : this.#stranger;
    return by.issue({ names, notBefore, notAfter, key });
  }

  #keyOf(host: string, generation: number): TestKey {
    const name = `${generation} ${host.toLowerCase()}`;
    const key = this.#keys.get(name) ?? newTestKey();
    this.#keys.set(name, key);
    return key;
  }
}
