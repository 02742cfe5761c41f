"""A file for the bank, uploaded by hand; the bank's answers come as a file too (`flask settlement payouts`, `paid`)."""

from app.store.payouts.channels.base import UNCLEAR, Channel, ChannelAnswer, PayoutRequest


class BankFile:
    name, zh, en = "bank_file", "银行代发文件", "File for the bank"
    asks = False

    def is_open(self) -> bool:
        return True

    def ask(self, request: PayoutRequest) -> ChannelAnswer:
        """Only the bank's file tells."""
        return ChannelAnswer(UNCLEAR)


channel: Channel = BankFile()
