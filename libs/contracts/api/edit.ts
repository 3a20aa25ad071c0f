/** An edit that changes nothing is a mistake of whoever sent it. */
export const hasChanges = [
  (body: object): boolean => Object.values(body).some((value) => value !== undefined),
  { message: 'names nothing to change' },
] as const;
