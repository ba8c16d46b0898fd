/** Things by what they have in common, each group in the order in which its members came. */
export class Groups<T> {
  readonly #groups = new Map<string, Map<string, T>>();

  /** A member that is added again is the newest. */
  add(group: string, key: string, member: T): void {
    const members = this.#groups.get(group) ?? new Map<string, T>();
    members.delete(key);
    this.#groups.set(group, members.set(key, member));
  }

  delete(group: string, key: string): void {
    const members = this.#groups.get(group);
    members?.delete(key);
    if (members?.size === 0) this.#groups.delete(group);
  }

  sizeOf(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** Oldest first. */
  of(group: string): T[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }
}
