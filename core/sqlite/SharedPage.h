#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>

namespace carillon::sqlite
{

/// One page of memory that all processes of a database share: a small file beside it, mapped. It holds the turnstile's locks and the
/// counters that waiting consumers sleep on. Nothing in it is needed for the data's safety: without it there would be only more waiting.
///
/// Made anew after a reboot (the locks of the processes of another boot mean nothing) and when its layout is another's.
class SharedPage
{
public:
    static constexpr std::size_t topicCount = 16;

    struct Content
    {
        std::uint64_t magic;
        std::uint64_t layout;
        std::array<char, 40> bootId;
        pthread_mutex_t gate;
        pthread_mutex_t room;
        std::array<std::atomic<std::uint32_t>, topicCount> changes;
    };

    /// Throws StorageFull or StoreError naming the file.
    explicit SharedPage(const std::filesystem::path& file);
    ~SharedPage();
    SharedPage(const SharedPage&) = delete;
    SharedPage& operator=(const SharedPage&) = delete;

    Content& content() const { return *_content; }

private:
    Content* _content = nullptr;
};

} // namespace carillon::sqlite
