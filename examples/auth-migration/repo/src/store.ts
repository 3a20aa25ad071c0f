import { createHash } from 'node:crypto';

export type Role = 'clerk' | 'manager';

export interface User {
  id: string;
  name: string;
  role: Role;
  /** SHA-256 of the access key that the person signs in with. */
  accessKeyHash: string;
}

export interface Order {
  id: string;
  vessel: string;
  article: string;
  quantity: number;
  /** In cents, for the whole order. */
  price: number;
  placedBy: string;
  status: 'open' | 'shipped';
}

export interface Invoice {
  id: string;
  orderId: string;
  /** In cents. */
  amount: number;
  status: 'due' | 'paid';
}

export interface Store {
  users: User[];
  orders: Order[];
  invoices: Invoice[];
}

/** A store in memory with enough in it to try the service. */
export function createStore(): Store {
  return {
    users: [
      { id: 'u1', name: 'nora', role: 'manager', accessKeyHash: hashAccessKey('north-pier') },
      { id: 'u2', name: 'emil', role: 'clerk', accessKeyHash: hashAccessKey('east-quay') },
    ],
    orders: [
      {
        id: 'o1',
        vessel: 'Aurora',
        article: 'Mooring line 40 m',
        quantity: 4,
        price: 51600,
        placedBy: 'u2',
        status: 'open',
      },
      {
        id: 'o2',
        vessel: 'Petrel',
        article: 'Life jacket',
        quantity: 12,
        price: 70800,
        placedBy: 'u1',
        status: 'shipped',
      },
    ],
    invoices: [{ id: 'i1', orderId: 'o2', amount: 70800, status: 'due' }],
  };
}

export function hashAccessKey(accessKey: string): string {
  return createHash('sha256').update(accessKey).digest('hex');
}
