// The types that the module is built with say the same as the public contract: each is assignable to the other.
// Compiled, never run. "contract" is the design's declaration file, "leftfold" is the generated one.

import type * as Contract from "contract";
import type * as Built from "leftfold";

type IsAny<T> = 0 extends 1 & T ? true : false;
type Assignable<A, B> = [A] extends [B] ? true : false;
/** `any` is assignable to everything and proves nothing. */
type Same<A, B> = true extends IsAny<A> | IsAny<B> ? false : [Assignable<A, B>, Assignable<B, A>] extends [true, true] ? true : false;
type AllTrue<T> = { [K in keyof T]: true };

/** What belongs to every class of the compiled module, and to no contract. */
type OfEveryClass = "free" | typeof Symbol.dispose;

// The comparison itself finds differences, in either direction.
// @ts-expect-error a member of another type
export const findsTypes: Same<{ a: number }, { a: string }> = true;
// @ts-expect-error a member more
export const findsMembers: Same<{ a: number }, { a: number; b: number }> = true;
// @ts-expect-error anything at all
export const findsAny: Same<any, { a: number }> = true;

/** What a projection may hold. */
type State = { count: number; last: string | null };

// Types, one by one.
interface Types {
  Json: Same<Contract.Json, Built.Json>;
  ExpectedVersion: Same<Contract.ExpectedVersion, Built.ExpectedVersion>;
  Direction: Same<Contract.Direction, Built.Direction>;
  TimeInput: Same<Contract.TimeInput, Built.TimeInput>;
  NewEvent: Same<Contract.NewEvent, Built.NewEvent>;
  RecordedEvent: Same<Contract.RecordedEvent, Built.RecordedEvent>;
  Query: Same<Contract.Query, Built.Query>;
  QueryItem: Same<Contract.QueryItem, Built.QueryItem>;
  Condition: Same<Contract.Condition, Built.Condition>;
  StreamWrite: Same<Contract.StreamWrite, Built.StreamWrite>;
  Commit: Same<Contract.Commit, Built.Commit>;
  CommitResult: Same<Contract.CommitResult, Built.CommitResult>;
  ReadOptions: Same<Contract.ReadOptions, Built.ReadOptions>;
  QueryOptions: Same<Contract.QueryOptions, Built.QueryOptions>;
  OpenOptions: Same<Contract.OpenOptions, Built.OpenOptions>;
  ImportOptions: Same<Contract.ImportOptions, Built.ImportOptions>;
  ImportReport: Same<Contract.ImportReport, Built.ImportReport>;
  ExportOptions: Same<Contract.ExportOptions, Built.ExportOptions>;
  Subscription: Same<Contract.Subscription, Omit<Built.Subscription, OfEveryClass>>;
  LeftfoldError: Same<Contract.LeftfoldError, Built.LeftfoldError>;
  ProjectionDefinition: Same<Contract.ProjectionDefinition<State>, Built.ProjectionDefinition<State>>;
  Projection: Same<Contract.Projection<State>, Built.Projection<State>>;
  Cursor: Same<Contract.Cursor, Built.Cursor>;
  Pointer: Same<Contract.Pointer, Built.Pointer>;
  Timeline: Same<Contract.Timeline<State>, Built.Timeline<State>>;
  Branch: Same<Contract.Branch<State>, Built.Branch<State>>;
  JsonPatchOperation: Same<Contract.JsonPatchOperation, Built.JsonPatchOperation>;
}
export const types: AllTrue<Types> = {} as Types;

// Every member of the classes, its parameters and what it gives apart: of methods as such, TypeScript
// compares parameters in one direction only.
type Part = keyof Contract.EventStore;
/** What is given is compared without what belongs to every class. */
type Given<T> = T extends { unsubscribe(): void } ? Omit<T, OfEveryClass> : T;
type Call<T> = T extends (...parameters: infer P) => infer R ? { parameters: P; gives: Given<R> } : { value: T };
type Members = { [K in Part]: Same<Call<Contract.EventStore[K]>, Call<Built.EventStore[K]>> };
export const members: AllTrue<Members> = {} as Members;
export const noOtherMembers: Same<Part, Exclude<keyof Built.EventStore, OfEveryClass>> = true;

type MembersOf<A, B> = { [K in keyof A & keyof B]: Same<Call<A[K]>, Call<B[K]>> };
export const ofProjection: AllTrue<MembersOf<Contract.Projection<State>, Built.Projection<State>>> =
  {} as MembersOf<Contract.Projection<State>, Built.Projection<State>>;
export const ofTimeline: AllTrue<MembersOf<Contract.Timeline<State>, Built.Timeline<State>>> =
  {} as MembersOf<Contract.Timeline<State>, Built.Timeline<State>>;
export const ofBranch: AllTrue<MembersOf<Contract.Branch<State>, Built.Branch<State>>> =
  {} as MembersOf<Contract.Branch<State>, Built.Branch<State>>;
export const noOtherOfProjection: Same<keyof Contract.Projection<State>, keyof Built.Projection<State>> = true;
export const noOtherOfTimeline: Same<keyof Contract.Timeline<State>, keyof Built.Timeline<State>> = true;
export const noOtherOfBranch: Same<keyof Contract.Branch<State>, keyof Built.Branch<State>> = true;

type Static<T, Store> = T extends (...parameters: infer P) => Promise<infer R>
  ? { parameters: P; gives: R extends Store ? "a store" : R }
  : never;
interface Statics {
  open: Same<Static<typeof Contract.EventStore.open, Contract.EventStore>, Static<typeof Built.EventStore.open, Built.EventStore>>;
  list: Same<Static<typeof Contract.EventStore.list, Contract.EventStore>, Static<typeof Built.EventStore.list, Built.EventStore>>;
  delete: Same<Static<typeof Contract.EventStore.delete, Contract.EventStore>, Static<typeof Built.EventStore.delete, Built.EventStore>>;
}
export const statics: AllTrue<Statics> = {} as Statics;

// What is written against the contract starts the built module.
export const starts: Promise<unknown> extends ReturnType<typeof Contract.default> ? true : false = true;
export const startsBuilt: ReturnType<typeof Built.default> extends Promise<unknown> ? true : false = true;
