#include "sqlite/SharedPage.h"

#include "carillon/Errors.h"
#include "sqlite/BootClock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace carillon::sqlite
{
namespace
{

constexpr std::size_t pageSize = 4096;
constexpr std::uint64_t magicNumber = 0x4341524c54524e31; // "CARLTRN1"

static_assert(sizeof(SharedPage::Content) <= pageSize);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4,
              "the kernel waits on these words");

class Descriptor
{
public:
    explicit Descriptor(int fd) : _fd(fd) {}
    ~Descriptor()
    {
        if (_fd >= 0) close(_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return _fd; }

private:
    int _fd;
};

/// Holds the file's lock. Given back by hand: a mapping keeps the open file, and its lock, alive after the descriptor is closed.
class FileLock
{
public:
    explicit FileLock(int fd) : _fd(fd) {}
    ~FileLock() { flock(_fd, LOCK_UN); }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int _fd;
};

[[noreturn]] void fail(int error, const std::filesystem::path& file)
{
    const std::string text = "cannot prepare " + file.string() + ": " + std::strerror(error);
    if (error == ENOSPC || error == EDQUOT) throw StorageFull(text + "; free some space there");
    throw StoreError(text + "; give the folder and the file to the user that runs this program");
}

/// So many bytes as the struct has, and so many as the C library's lock: a program built otherwise must not use these locks.
std::uint64_t layoutOfThisBuild() { return (static_cast<std::uint64_t>(sizeof(SharedPage::Content)) << 32) | sizeof(pthread_mutex_t); }

void initialise(pthread_mutex_t& mutex)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

} // namespace

SharedPage::SharedPage(const std::filesystem::path& file)
{
    const Descriptor fd(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) fail(errno, file);

    // One process prepares, the others wait. The kernel frees the lock of one that is killed.
    while (flock(fd.get(), LOCK_EX) != 0)
        if (errno != EINTR) fail(errno, file);
    const FileLock lock(fd.get());

    // Really allocated: touching a hole of a mapped file on a full disk is a SIGBUS.
    if (const int error = posix_fallocate(fd.get(), 0, pageSize); error != 0) fail(error, file);

    void* memory = mmap(nullptr, pageSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED) fail(errno, file);
    _content = static_cast<Content*>(memory);

    const std::string& bootId = systemBootClock().bootId();
    const bool isReady = _content->magic == magicNumber && _content->layout == layoutOfThisBuild() &&
                         std::strncmp(_content->bootId.data(), bootId.c_str(), _content->bootId.size()) == 0;
    if (isReady) return;

    std::memset(memory, 0, pageSize);
    initialise(_content->gate);
    initialise(_content->room);
    for (auto& counter : _content->changes) new (&counter) std::atomic<std::uint32_t>(0);
    std::memcpy(_content->bootId.data(), bootId.data(), bootId.size());
    _content->layout = layoutOfThisBuild();
    _content->magic = magicNumber;
}

SharedPage::~SharedPage() { munmap(_content, pageSize); }

} // namespace carillon::sqlite
