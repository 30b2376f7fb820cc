"""What other systems send: read strictly, checked, translated into facts, and given receipts."""
