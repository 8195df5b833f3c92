/** Packages of `torch._inductor.aoti_compile_and_package`: checked as a whole, then unpacked for the loader of shared libraries. */

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeAll } from '../io/atomic';
import { malformed, type Source, withSource } from '../io/source';
import { ZipArchive } from '../io/zip/archive';
import { crc32 } from '../libtorch/zip-directory.cjs';
import { checkMachine } from './machine';
import { needLibtorchCpu } from './needed';

/** A model of a package on the disk. */
export interface Unpacked {
  /** A folder of its own, which whoever has it removes. */
  readonly folder: string;
  readonly library: string;
  /** A file of weights, or '' when the library has them. */
  readonly blob: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const WHAT = 'a package of torch._inductor.aoti_compile_and_package';
const MODELS = 'data/aotinductor/';
const CONSTANTS = 'data/constants/';
const LIBRARY = process.platform === 'win32' ? '.pyd' : '.so';
const PIECE = 1 << 24;

/**
 * @param accept throws for a model that the caller does not want, before anything is written
 * @throws when the file cannot be read, is damaged or another one, has no such model, or one for another machine
 */
export function unpack(path: string, modelName: string, accept: (metadata: Unpacked['metadata']) => void): Unpacked {
  return withSource(path, {}, (source) => {
    const archive = new ZipArchive(source);
    const names = archive.names();
    const root = rootOf(names, source);
    const model = `${root}${MODELS}${modelName}/`;
    const members = names.filter((name) => name.startsWith(model) && name !== model);
    if (members.length === 0) throw malformed(source, `a model ${JSON.stringify(modelName)}`, `only ${modelsOf(names, root)}`);
    const library = libraryOf(members, source);
    const metadata = metadataOf(archive, members, library, source);
    checkMachine(metadata, source);
    accept(metadata);

    const folder = mkdtempSync(join(tmpdir(), 'torchwright-aoti-'));
    try {
      for (const name of members) {
        const path = join(folder, relative(name, model, source));
        extract(archive, name, path, source);
        if (process.platform === 'linux' && name.endsWith(LIBRARY)) needLibtorchCpu(path);
      }
      // Constants of all models lie together; a model looks for them beside its library.
      for (const name of names.filter((name) => name.startsWith(`${root}${CONSTANTS}`) && !name.endsWith('/')))
        extract(archive, name, join(folder, relative(name, `${root}${CONSTANTS}`, source)), source);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    const blob = members.find((name) => name.endsWith('.blob'));
    const at = (name: string): string => join(folder, name.slice(model.length));
    return { folder, library: at(library), blob: blob === undefined ? '' : at(blob), metadata };
  });
}

/** What stands before `data/` in all names: a folder of the file's first name, in files of older versions nothing. */
function rootOf(names: readonly string[], source: Source): string {
  const one = names.find((name) => /^([^/]*\/)?data\/aotinductor\//.test(name));
  if (one !== undefined) return one.slice(0, one.indexOf(MODELS));
  const exported = names.some((name) => /^([^/]*\/)?models\//.test(name));
  const saved = names.some((name) => /^[^/]*\/data\.pkl$/.test(name));
  throw malformed(
    source,
    WHAT,
    exported
      ? 'a program of torch.export.save, which is not compiled'
      : saved
        ? 'a file of torch.save or torch.jit.save'
        : 'another zip archive',
  );
}

function modelsOf(names: readonly string[], root: string): string {
  const start = `${root}${MODELS}`.length;
  const models = names.filter((name) => name.startsWith(`${root}${MODELS}`)).map((name) => name.slice(start).split('/')[0] as string);
  return [...new Set(models)].map((name) => JSON.stringify(name)).join(', ');
}

/** The library with the model in it: others beside it are its kernels. */
function libraryOf(members: readonly string[], source: Source): string {
  const libraries = members.filter((name) => name.endsWith(LIBRARY));
  const library = libraries.find((name) => name.endsWith(`.wrapper${LIBRARY}`)) ?? libraries[0];
  if (library !== undefined) return library;
  const sources = members.some((name) => name.endsWith('.cpp'));
  throw malformed(
    source,
    `a compiled model, a library ${LIBRARY}`,
    sources ? 'its C++ source only, which is not compiled here' : 'none for this system',
  );
}

function metadataOf(archive: ZipArchive, members: readonly string[], library: string, source: Source): Record<string, string> {
  const beside = `${library.slice(0, -LIBRARY.length)}_metadata.json`;
  const name = members.includes(beside) ? beside : members.find((member) => member.endsWith('_metadata.json'));
  if (name === undefined) throw malformed(source, "a model's metadata", 'none');
  const pieces: Buffer[] = [];
  read(archive, name, source, (piece) => pieces.push(Buffer.from(piece)));
  let metadata: unknown;
  try {
    metadata = JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    metadata = undefined;
  }
  const texts = typeof metadata === 'object' && metadata !== null ? Object.values(metadata) : [1];
  if (Array.isArray(metadata) || !texts.every((text) => typeof text === 'string'))
    throw malformed(source, `an object of texts in ${JSON.stringify(name)}`, 'something else');
  const device = (metadata as Record<string, string>).AOTI_DEVICE_KEY;
  if (device === undefined || !/^[a-z]+$/.test(device))
    throw malformed(source, 'the device that the model is compiled for', JSON.stringify(device ?? null));
  return metadata as Record<string, string>;
}

/** The rest of a name, which must stay inside of the folder that it is unpacked to. */
function relative(name: string, start: string, source: Source): string {
  const rest = name.slice(start.length);
  if (rest.split('/').some((part) => part === '' || part === '.' || part === '..') || /[\\:\0]/.test(rest))
    throw malformed(source, 'names of files inside the package', JSON.stringify(name));
  return rest;
}

function extract(archive: ZipArchive, name: string, path: string, source: Source): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w', 0o700);
  try {
    let at = 0;
    read(archive, name, source, (piece) => {
      writeAll(file, piece, at);
      at += piece.length;
    });
  } finally {
    closeSync(file);
  }
}

/** Gives an entry's bytes piece by piece. @throws at the end when they are not those that were packed */
function read(archive: ZipArchive, name: string, source: Source, take: (piece: Uint8Array) => void): void {
  const { source: from, begin, size, crc } = archive.open(name);
  const buffer = Buffer.alloc(Math.min(size, PIECE));
  let sum = 0;
  for (let at = 0; at < size; at += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, size - at));
    from.read(piece, begin + at);
    sum = crc32(piece, sum);
    take(piece);
  }
  if (sum !== crc) throw malformed(source, `the bytes that were packed in ${JSON.stringify(name)}`, 'damaged ones');
}
