/** The MLS engine of a phone declares that it can't do what the case asks of it. */
export class UnsupportedByEngine extends Error {
  override readonly name = 'UnsupportedByEngine';
}
