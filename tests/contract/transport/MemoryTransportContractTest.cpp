#include "contract/transport/TransportContract.h"
#include "transports/memory/MemoryTransport.h"

namespace carillon::tests
{

class MemoryTransportContractTest final : public TransportContract
{
    CPPUNIT_TEST_SUB_SUITE(MemoryTransportContractTest, TransportContract);
    CPPUNIT_TEST_SUITE_END();

protected:
    std::unique_ptr<port::Transport> makeTransport(const Clock& clock) override
    {
        transports::memory::MemoryTransportOptions options{.name = "tested", .queues = {queueName}, .maxBody = bodyLimit};
        return std::make_unique<transports::memory::MemoryTransport>(options, clock);
    }

    bool inSession(const std::function<void(StoreSession&)>&) override { return false; }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryTransportContractTest);

} // namespace carillon::tests
