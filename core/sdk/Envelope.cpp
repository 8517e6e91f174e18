#include "carillon/Envelope.h"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace carillon
{
namespace
{

/// The kernel's random bytes, fetched by the page: a system call for each id would cost more than the id.
void fillRandom(std::uint8_t* out, std::size_t count)
{
    thread_local std::array<std::uint8_t, 1024> pool;
    thread_local std::size_t used = pool.size();
    // A forked child must not hand out its parent's ids again: the process's number tells.
    thread_local pid_t owner = 0;
    if (used + count > pool.size() || owner != getpid())
    {
        std::size_t got = 0;
        while (got < pool.size())
        {
            const ssize_t step = getrandom(pool.data() + got, pool.size() - got, 0);
            if (step < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
            if (step > 0) got += static_cast<std::size_t>(step);
        }
        used = 0;
        owner = getpid();
    }
    for (std::size_t i = 0; i < count; ++i)
        out[i] = pool[used++];
}

} // namespace

std::string newMessageId(TimePoint now)
{
    std::array<std::uint8_t, 16> bytes{};
    fillRandom(bytes.data() + 6, 10);
    const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
    bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));

    constexpr char hex[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += hex[bytes[i] >> 4];
        text += hex[bytes[i] & 15];
    }
    return text;
}

} // namespace carillon
