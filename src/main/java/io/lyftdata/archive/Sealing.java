package io.lyftdata.archive;

import com.exceptionfactory.jagged.framework.crypto.CipherKey;
import com.exceptionfactory.jagged.framework.crypto.StandardByteBufferCipherFactory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.spec.IvParameterSpec;

/**
 * An age file's payload behind its header: chunks of 64 KiB, each sealed by itself under its number, so that several are
 * sealed at once and written in their order. Closing it closes the other. For one writer's thread.
 */
final class Sealing extends OutputStream {
    static final int CHUNK = 64 * 1024;
    static final int TAG = 16;
    private static final int THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());
    /** As many chunks as may wait to be written, so that memory stays small when the disk is slow. */
    private static final int AHEAD = 4 * THREADS;

    private final OutputStream out;
    private final CipherKey key;
    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "sealing");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Future<byte[]>> sealed = new ArrayDeque<>();
    private ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private long number;
    private boolean isClosed;

    /** @param key of this one file, as no number may serve twice under one key */
    Sealing(OutputStream out, CipherKey key) {
        this.out = out;
        this.key = key;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        while (from < offset + length) {
            if (!chunk.hasRemaining()) {
                // Only when more follows: the last chunk is marked, and may not be empty behind others.
                seal(false);
            }
            int count = Math.min(chunk.remaining(), offset + length - from);
            chunk.put(bytes, from, count);
            from += count;
        }
    }

    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try (out) {
            seal(true);
            while (!sealed.isEmpty()) {
                writeOldest();
            }
        } finally {
            executor.shutdownNow();
            key.destroy();
        }
    }

    private void seal(boolean isLast) throws IOException {
        if (sealed.size() >= AHEAD) {
            writeOldest();
        }
        ByteBuffer plain = chunk.flip();
        IvParameterSpec nonce = nonce(number++, isLast);
        chunk = ByteBuffer.allocate(CHUNK);
        sealed.add(executor.submit(() -> sealed(plain, nonce)));
    }

    /** Eleven bytes of the chunk's number, and one that marks the last. */
    private static IvParameterSpec nonce(long number, boolean isLast) {
        return new IvParameterSpec(ByteBuffer.allocate(12)
                .putLong(3, number)
                .put(11, (byte) (isLast ? 1 : 0))
                .array());
    }

    private byte[] sealed(ByteBuffer plain, IvParameterSpec nonce) throws GeneralSecurityException {
        ByteBuffer result = ByteBuffer.allocate(plain.remaining() + TAG);
        new StandardByteBufferCipherFactory().newByteBufferEncryptor(key, nonce).encrypt(plain, result);
        return result.array();
    }

    private void writeOldest() throws IOException {
        try {
            out.write(sealed.remove().get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it was sealed");
        } catch (ExecutionException e) {
            throw new IllegalStateException("this Java platform has no ChaCha20-Poly1305", e);
        }
    }
}
