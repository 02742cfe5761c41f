"""What is not sent in a parcel is handed over: codes and files at once, services by voucher. Emits nothing.

It hears that a purchase is paid, that codes came in, that vouchers were had, or not after all, or expired, that a case
has ended, and that money went back; each of its steps may be repeated.
"""
