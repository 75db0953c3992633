"""Today at the door (/zentrum/heute/): the day list, checking in, vaccinating, and who comes without an appointment."""
