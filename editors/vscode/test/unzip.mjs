import yauzl from 'yauzl';

/** The files of a zip archive: name to bytes. */
export function entries(path) {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true }, (error, archive) => {
      if (error) {
        reject(error);
        return;
      }
      const files = new Map();
      archive.on('error', reject);
      archive.on('end', () => resolve(files));
      archive.on('entry', (entry) => {
        archive.openReadStream(entry, async (failure, stream) => {
          if (failure) {
            reject(failure);
            return;
          }
          files.set(entry.fileName, Buffer.concat(await stream.toArray()));
          archive.readEntry();
        });
      });
      archive.readEntry();
    });
  });
}
