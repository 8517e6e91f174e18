#include "FullDisk.h"

#include "carillon/Errors.h"
#include "transports/sqlite/SqliteTransport.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using carillon::sqlite::Database;
using carillon::transports::sqlite::SqliteTransport;

namespace carillon::tests
{
namespace
{

using Status = port::PublishResult::Status;

void expect(bool isRight, const std::string& what)
{
    if (!isRight) throw std::runtime_error(what);
}

/// Takes all the space that is left, and gives it back at its end.
class Filler
{
public:
    explicit Filler(const std::filesystem::path& folder) : _file(folder / "filler")
    {
        const int fd = open(_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        std::vector<char> block(4096, 'x');
        while (write(fd, block.data(), block.size()) > 0)
        {
        }
        close(fd);
    }
    ~Filler() { std::filesystem::remove(_file); }
    Filler(const Filler&) = delete;
    Filler& operator=(const Filler&) = delete;

private:
    std::filesystem::path _file;
};

Envelope envelope(int number)
{
    Envelope result;
    result.id = std::to_string(number);
    result.type = "notification.send";
    result.body = "\"" + std::string(1000, 'x') + "\"";
    result.publishedAt = systemClock().now();
    return result;
}

std::string errorOf(const std::function<void()>& act)
{
    try
    {
        act();
    }
    catch (const TransportError& error)
    {
        return error.what();
    }
    return "nothing was thrown";
}

void testFull(const std::filesystem::path& folder)
{
    SqliteTransport transport(Database::open(folder / "full.db", {.freeDiskFloor = 0}), {.name = "tested", .queues = {"q"}});
    std::set<std::string> confirmed;
    int number = 0;
    const auto publish = [&]
    {
        const auto result = transport.publish(std::vector<Envelope>{envelope(number++)})[0];
        if (result.status == Status::Confirmed) confirmed.insert(result.id);
        return result;
    };
    for (int i = 0; i < 20; ++i) expect(publish().status == Status::Confirmed, "with space: publish");
    auto consumer = transport.consume({});
    const auto held = consumer->take(3, 0ms);
    const port::Settlement remove{.delivery = &held.at(0)};
    {
        const Filler filler(folder);
        port::PublishResult result;
        for (int i = 0; i < 100 && result.status != Status::Refused; ++i) result = publish();
        expect(result.status == Status::Refused, "full: a publish is refused");
        expect(result.reason.find("no space is left") != std::string::npos, "full: the reason tells, but it was: " + result.reason);

        const std::string taking = errorOf([&] { consumer->take(1, 0ms); });
        expect(taking.find("no space is left") != std::string::npos, "full: take says so, but it was: " + taking);
        const std::string settling = errorOf([&] { consumer->settle(std::span(&remove, 1)); });
        expect(settling.find("no space is left") != std::string::npos, "full: settle says so, but it was: " + settling);
        expect(transport.stats()[0].taken == 3U, "full: reading goes on");
    }
    expect(consumer->settle(std::span(&remove, 1)) == std::vector<bool>{true}, "free again: what was held is still ours to settle");
    confirmed.erase(held[0].envelope.id);
    expect(publish().status == Status::Confirmed, "free again: publish");

    consumer = transport.consume({});
    std::set<std::string> found;
    for (auto deliveries = consumer->take(10, 0ms); !deliveries.empty(); deliveries = consumer->take(10, 0ms))
        for (const auto& delivery : deliveries) found.insert(delivery.envelope.id);
    expect(found == confirmed,
           "free again: exactly what was confirmed is there: " + std::to_string(found.size()) + " of " + std::to_string(confirmed.size()));
}

/// The floor leaves room to finish what runs.
void testFloor(const std::filesystem::path& folder)
{
    const auto database = Database::open(folder / "floor.db", {.freeDiskFloor = 1 << 20});
    SqliteTransport transport(database, {.name = "tested", .queues = {"q"}});
    expect(transport.publish(std::vector<Envelope>{envelope(1), envelope(2)})[1].status == Status::Confirmed, "above the floor: publish");
    const auto consumer = transport.consume({});
    const auto held = consumer->take(1, 0ms);
    const port::Settlement remove{.delivery = &held.at(0)};

    const int fd = open((folder / "half").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::vector<char> block(4096, 'x');
    while (std::filesystem::space(folder).available > (1 << 20) - block.size())
        expect(write(fd, block.data(), block.size()) > 0, "cannot fill the disk");
    close(fd);

    // The file system is asked every 100 ms at most, so the floor is noticed a little later.
    const auto end = std::chrono::steady_clock::now() + 10s;
    for (bool isNoticed = false; !isNoticed && std::chrono::steady_clock::now() < end;)
    {
        try
        {
            database->requireSpace();
        }
        catch (const StorageFull&)
        {
            isNoticed = true;
        }
    }
    const auto result = transport.publish(std::vector<Envelope>{envelope(10)})[0];
    expect(result.status == Status::Refused, "below the floor: publish is refused");
    expect(result.reason.find("free_disk_floor") != std::string::npos, "below the floor: publish is refused, but it was: " + result.reason);
    expect(errorOf([&] { consumer->take(1, 0ms); }).find("free_disk_floor") != std::string::npos, "below the floor: nothing is taken");
    expect(consumer->settle(std::span(&remove, 1)) == std::vector<bool>{true}, "below the floor: settling works");
}

} // namespace

int runOnFullDisk(const std::string& folder)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=3m") != 0)
        return 77;
    testFull(folder);
    testFloor(folder);
    return 0;
}

} // namespace carillon::tests
