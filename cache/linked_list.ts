// A list whose members come and go all the time, such as the open connections. A `Set` keeps its
// old tables alive for iterators; once the garbage collector has promoted one of them, all later
// tables and members survive with it until the next full collection.

/** A place in a list. */
export interface Link<T> {
  /** The member; `undefined` once it was deleted. */
  readonly value: T | undefined;
}

class Node<T> implements Link<T> {
  value: T | undefined;
  previous: Node<T> | undefined;
  next: Node<T> | undefined;

  constructor(value: T, previous: Node<T> | undefined) {
    this.value = value;
    this.previous = previous;
  }
}

/** Members in the order in which they were added. */
export class LinkedList<T> implements Iterable<T> {
  #first: Node<T> | undefined;
  #last: Node<T> | undefined;
  #size = 0;

  /** How many members it has. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a member at the end.
   *
   * @param value The member.
   * @returns Its place, to delete it.
   */
  add(value: T): Link<T> {
    const node = new Node(value, this.#last);
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size++;
    return node;
  }

  /**
   * Deletes a member. Does nothing if it was deleted before.
   *
   * @param link Its place in this list.
   * @returns Whether it was a member.
   */
  delete(link: Link<T>): boolean {
    const node = link as Node<T>;
    if (node.value === undefined) return false;
    const { previous, next } = node;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // So that a promoted node keeps no other one alive.
    node.value = node.previous = node.next = undefined;
    this.#size--;
    return true;
  }

  /**
   * Iterates over the members. Copy them first if any may be deleted meanwhile.
   *
   * @returns The members, the oldest one first.
   */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let node = this.#first; node !== undefined; node = node.next) {
      yield node.value!;
    }
  }
}
